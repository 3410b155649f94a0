import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";

/** The time of the ticker that it has: a tick of 128 ms. */
const LIMIT_MS = 1_024;

/**
 * How long the event loop of this process has stood still, all in all. What peers sent
 * meanwhile arrives at once, and must not count as a burst of theirs.
 */
export class Stalls implements Timed {
  readonly #ticker: Ticker = tickerFor(LIMIT_MS);
  #ms = 0;
  #tickMs = LIMIT_MS / 8;
  #lastTick: number = performance.now();

  /** Begins to watch. */
  constructor() {
    this.#ticker.add(this);
  }

  /** How long it has stood still, in milliseconds, a stall that has just ended included. */
  get ms(): number {
    return this.#ms + this.#lateMs();
  }

  tick(ms: number): void {
    this.#tickMs = ms;
    this.#ms += this.#lateMs();
    this.#lastTick = performance.now();
  }

  end(): void {
    this.#ticker.delete(this);
  }

  /** How late the next tick is, where that is more than timers are late by. */
  #lateMs(): number {
    const late = performance.now() - this.#lastTick - this.#tickMs;
    return late > this.#tickMs ? late : 0;
  }
}
