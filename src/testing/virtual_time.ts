import { checkKind } from "../checks.ts";
import { nextTask } from "../net/timer.ts";

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
 * How a rejection that nobody handles is told: Node and Bun have `process`, Deno and
 * browsers an event.
 */
interface Rejections {
  readonly process?: {
    on(name: "unhandledRejection", listen: (error: unknown) => void): unknown;
    off(name: "unhandledRejection", listen: (error: unknown) => void): unknown;
  };
  addEventListener?(name: string, listen: (event: Event) => void): void;
  removeEventListener?(name: string, listen: (event: Event) => void): void;
}

/** Listens to rejections that nobody handles. Returns a function that stops. */
function onUnhandled(listen: (error: unknown) => void): () => void {
  const global = globalThis as unknown as Rejections;
  const onEvent = (event: Event) => {
    event.preventDefault();
    listen((event as Event & { readonly reason?: unknown }).reason);
  };
  global.process?.on("unhandledRejection", listen);
  global.addEventListener?.("unhandledrejection", onEvent);
  return () => {
    global.process?.off("unhandledRejection", listen);
    global.removeEventListener?.("unhandledrejection", onEvent);
  };
}

let running = false;

/**
 * Runs a simulation with virtual timers and a virtual clock (`setTimeout`,
 * `setInterval`, `performance.now`), one at a time. Time leaps to the next timer when
 * nothing else happens: over a network in memory, the same seed gives the same order
 * of events, and a wait costs no real time. Nothing in it may wait for real sockets,
 * files or processes.
 *
 * @example A time-out of 30 seconds, in no time
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { inVirtualTime, watchedNetwork } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await inVirtualTime(async () => {
 *   const network = watchedNetwork({ seed: 1, delay: true });
 *   const server = await serve(
 *     { address: "memory:example", codec: lines(), network, idleTimeoutMs: 30_000 },
 *     (connection) => connection.forEach(() => undefined),
 *   );
 *   const client = await createClient({
 *     address: server.address,
 *     codec: lines(),
 *     network,
 *   });
 *   const start = performance.now();
 *   const { by } = await client.closed;
 *   assertEquals(by, "remote");
 *   assertEquals(Math.round((performance.now() - start) / 5_000), 6);
 *   await server.close();
 *   assertEquals(network.violations(), []);
 * });
 * ```
 *
 * @param simulation What is run.
 * @throws {Error} If it waits for something that never comes, takes more than
 * 200 seconds of virtual time, leaves a timer, or leaves a rejection that nobody
 * handled; and whatever the simulation throws.
 * @throws {TypeError} If it is no function, or another simulation runs.
 */
export async function inVirtualTime(
  simulation: () => Promise<void>,
): Promise<void> {
  checkKind("simulation", simulation, "function");
  if (running) throw new TypeError("Cannot run two simulations at a time");
  running = true;
  const world = new World();
  const unhandled: unknown[] = [];
  const stop = onUnhandled((error) => void unhandled.push(error));
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
    stop();
    running = false;
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
  return new Promise((resolve) => nextTask(resolve));
}
