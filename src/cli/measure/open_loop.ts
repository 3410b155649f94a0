import type { Lane } from "./lane.ts";
import type { Timer } from "./precise_timer.ts";

/** Sends a request on a connection, which was due at a time. */
export type SendDue = (lane: Lane, due: number, now: number) => void;

/**
 * Sends requests at fixed times, whatever the server does. Where all connections have as
 * many requests in flight as they may, those that are due wait: they are sent late, and
 * count from when they were due.
 */
export class OpenLoop {
  /** How many requests have been sent. */
  sent = 0;

  readonly #start: number;
  readonly #gapMs: number;
  readonly #count: number;
  readonly #timer: Timer;
  readonly #send: SendDue;
  /** The connections with room for a request, once for each: a ring, taken in turn. */
  readonly #free: Lane[];
  #firstFree = 0;
  #freeCount: number;
  #cancel: (() => void) | undefined;

  /**
   * @param rate How many requests are due a second.
   * @param durationMs For how long.
   */
  constructor(
    lanes: readonly Lane[],
    inFlight: number,
    start: number,
    rate: number,
    durationMs: number,
    timer: Timer,
    send: SendDue,
  ) {
    this.#start = start;
    this.#gapMs = 1_000 / rate;
    this.#count = Math.ceil(durationMs / this.#gapMs);
    this.#timer = timer;
    this.#send = send;
    this.#free = Array.from({ length: inFlight }, () => lanes).flat();
    this.#freeCount = this.#free.length;
  }

  /** Whether no more requests will be sent. */
  get done(): boolean {
    return this.sent >= this.#count;
  }

  /** When the next request is due. */
  get #nextDue(): number {
    return this.#start + this.sent * this.#gapMs;
  }

  /** A reply has made room on a connection. */
  freed(lane: Lane, now: number): void {
    const { length } = this.#free;
    this.#free[(this.#firstFree + this.#freeCount++) % length] = lane;
    // While the timer is set, none waits.
    if (this.#cancel === undefined) this.run(now);
  }

  /** Sends what is due. */
  run(now: number): void {
    while (!this.done && now >= this.#nextDue) {
      const lane = this.#takeFree();
      if (lane === undefined) return this.stop();
      const due = this.#nextDue;
      this.sent++;
      this.#send(lane, due, now);
    }
    this.stop();
    if (this.done) return;
    this.#cancel = this.#timer(this.#nextDue - now, () => {
      this.#cancel = undefined;
      this.run(performance.now());
    });
  }

  /** Sends nothing more by itself. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The times of the requests that were due until a time, and never sent. */
  *unsent(until: number): Generator<number, void> {
    for (let i = this.sent; i < this.#count; i++) {
      const due = this.#start + i * this.#gapMs;
      if (due > until) return;
      yield due;
    }
  }

  #takeFree(): Lane | undefined {
    while (this.#freeCount > 0) {
      const lane = this.#free[this.#firstFree]!;
      this.#firstFree = (this.#firstFree + 1) % this.#free.length;
      this.#freeCount--;
      if (!lane.lost) return lane;
    }
    return undefined;
  }
}
