import process from "node:process";
import { setImmediate } from "node:timers";

/** How many idle turns of the event loop show that only a timer can go on. */
const IDLE_TURNS = 40;
/** How many show that nothing can, where there is no timer. */
const DEAD_TURNS = 4_000;
/** How many turns a simulation may take. */
const MOST_TURNS = 400_000;
/** How much virtual time a simulation may take, in milliseconds. */
const MOST_MS = 200_000;

interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/**
 * Runs a simulation with virtual timers and a virtual clock, one at a time. Time
 * leaps to the next timer when nothing else happens, so the same seed gives the
 * same order of events, and a wait costs no real time. Rejects when
 *
 * - the simulation waits for something that never comes,
 * - a rejection was not handled, or
 * - a timer is left when it has ended.
 */
export async function inVirtualWorld(
  simulation: () => Promise<void>,
): Promise<void> {
  const world = new World();
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  world.install();
  try {
    await world.finish(simulation());
    await world.settle();
    if (unhandled.length > 0) {
      throw new Error("A rejection was not handled", { cause: unhandled[0] });
    }
    if (world.timers.size > 0) {
      const left = [...world.timers.values()].map(({ run }) => `${run}`);
      throw new Error(`${left.length} timers were left: ${left.join("; ")}`);
    }
  } finally {
    world.restore();
    process.off("unhandledRejection", onUnhandled);
  }
}

class World {
  readonly timers = new Map<number, Timer>();

  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
  };
  readonly #realNow = performance.now;
  #now = 0;
  #lastId = 0;

  install(): void {
    const clear = (id: number | undefined) => {
      if (id !== undefined) this.timers.delete(id);
    };
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0) => this.#add(run, ms, undefined),
      setInterval: (run: () => void, ms = 0) => this.#add(run, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    });
    performance.now = () => this.#now;
  }

  restore(): void {
    Object.assign(globalThis, this.#real);
    performance.now = this.#realNow;
  }

  /** Lets the world go on until a promise has settled. */
  async finish(promise: Promise<void>): Promise<void> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    let idle = 0;
    for (let turns = 0; !settled; turns++) {
      await turn();
      if (this.#runDue()) idle = 0;
      else if (++idle > IDLE_TURNS && this.timers.size > 0) {
        this.#leap();
        idle = 0;
      } else if (idle > DEAD_TURNS) {
        throw new Error("It waits for something that never comes");
      }
      if (turns > MOST_TURNS || this.#now > MOST_MS) {
        throw new Error(
          `Not at its end after ${turns} turns and ${this.#now} ms`,
        );
      }
    }
    await promise;
  }

  /** Lets what is under way come to its end, as far as it needs no time. */
  async settle(): Promise<void> {
    for (let idle = 0; idle <= IDLE_TURNS; idle++) {
      await turn();
      if (this.#runDue()) idle = 0;
    }
  }

  #add(run: () => void, ms: number, everyMs: number | undefined): number {
    this.timers.set(++this.#lastId, { at: this.#now + ms, everyMs, run });
    return this.#lastId;
  }

  /** Runs the timers that are due, without those that they set. */
  #runDue(): boolean {
    const due = [...this.timers].filter(([, { at }]) => at <= this.#now);
    due.sort(([, a], [, b]) => a.at - b.at);
    for (const [id, timer] of due) {
      if (!this.timers.has(id)) continue;
      if (timer.everyMs === undefined) this.timers.delete(id);
      else timer.at += timer.everyMs;
      timer.run();
    }
    return due.length > 0;
  }

  #leap(): void {
    this.#now = Math.min(...[...this.timers.values()].map(({ at }) => at));
  }
}

/** Waits for a turn of the event loop, after all microtasks. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
