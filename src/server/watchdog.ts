import { type Framed, halvesOf } from "../framed/framed.ts";
import { NetError } from "../net/errors.ts";

/** The time limits of a server's connections, in milliseconds. */
export interface TimeLimits {
  /** Between frames: how long a peer may say nothing. */
  readonly idleTimeoutMs: number;
  /** Within a frame: how long it may take from its first byte to its last. */
  readonly frameTimeoutMs: number;
  /** How long a write may make no progress. */
  readonly writeTimeoutMs: number;
}

type AnyFramed = Framed<never, unknown>;

/**
 * Watches over connections with one timer for all of them. Time is counted in
 * ticks of that timer, not by the clock: when the event loop stands still, so
 * does the time, and no peer is cut for a delay that was our own.
 */
export class Watchdog {
  readonly #limits: TimeLimits;
  readonly #tickMs: number;
  readonly #watched = new Map<AnyFramed, Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limits: TimeLimits) {
    this.#limits = limits;
    const shortest = Math.min(
      limits.idleTimeoutMs,
      limits.frameTimeoutMs,
      limits.writeTimeoutMs,
    );
    this.#tickMs = Math.max(5, Math.min(shortest / 8, 1_000));
  }

  watch(framed: AnyFramed): void {
    this.#watched.set(framed, new Watched(framed));
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  unwatch(framed: AnyFramed): void {
    this.#watched.delete(framed);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const [framed, watched] of this.#watched) {
      const late = watched.tick(this.#tickMs, this.#limits);
      if (late !== undefined) framed.abort(new NetError("TIMED_OUT", late));
    }
  }
}

/** What one connection was at the last tick, and for how long it has been so. */
class Watched {
  readonly #halves: ReturnType<typeof halvesOf>;
  #frames = 0;
  #chunks = 0;
  #writes = 0;
  #idleMs = 0;
  #frameMs = 0;
  #writeMs = 0;

  constructor(framed: AnyFramed) {
    this.#halves = halvesOf(framed);
  }

  /** Counts a tick; says so when a limit has been passed. */
  tick(tickMs: number, limits: TimeLimits): string | undefined {
    const { sender, receiver } = this.#halves;
    const { waiting, frames, chunks, pendingBytes } = receiver;
    const { writing, writes } = sender;

    const stuck = writing && writes === this.#writes;
    this.#writeMs = stuck ? this.#writeMs + tickMs : 0;
    const within = waiting && pendingBytes > 0 && frames === this.#frames;
    this.#frameMs = within ? this.#frameMs + tickMs : 0;
    const idle = waiting && pendingBytes === 0 && chunks === this.#chunks &&
      !writing && !receiver.busy;
    this.#idleMs = idle ? this.#idleMs + tickMs : 0;

    this.#frames = frames;
    this.#chunks = chunks;
    this.#writes = writes;

    if (this.#writeMs > limits.writeTimeoutMs) {
      return `The peer took none of our bytes for ${limits.writeTimeoutMs} ms (writeTimeoutMs)`;
    }
    if (this.#frameMs > limits.frameTimeoutMs) {
      return `The peer did not end its frame in ${limits.frameTimeoutMs} ms (frameTimeoutMs)`;
    }
    if (this.#idleMs > limits.idleTimeoutMs) {
      return `The peer sent nothing for ${limits.idleTimeoutMs} ms (idleTimeoutMs)`;
    }
    return undefined;
  }
}
