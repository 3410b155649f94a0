/** A member of a ticker. */
export interface Timed {
  /** Adds the time since the last tick, in milliseconds. */
  tick(ms: number): void;
}

/** The finest and the coarsest tick, in milliseconds: powers of two. */
const FINEST_MS = 4;
const COARSEST_MS = 1_024;

/**
 * A timer that all members with time limits of about the same length share. Its
 * members count ticks instead of reading the clock: while the event loop of this
 * process is blocked there are no ticks, so no peer is cut for a delay of ours.
 */
class Ticker {
  readonly #tickMs: number;
  readonly #members = new Set<Timed>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  add(member: Timed): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  delete(member: Timed): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const member of this.#members) member.tick(this.#tickMs);
  }
}

export type { Ticker };

const tickers = new Map<number, Ticker>();

/**
 * Returns the shared timer for a time limit. Its tick is at most an eighth of the
 * limit, but not less than 4 ms and not more than 1,024 ms.
 */
export function tickerFor(limitMs: number): Ticker {
  let tickMs = COARSEST_MS;
  while (tickMs > FINEST_MS && tickMs * 8 > limitMs) tickMs /= 2;
  const known = tickers.get(tickMs);
  if (known !== undefined) return known;
  const ticker = new Ticker(tickMs);
  tickers.set(tickMs, ticker);
  return ticker;
}
