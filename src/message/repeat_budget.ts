import { MIN_REPEATS, REPEATS_WINDOW_MS } from "../defaults.ts";

/** How many parts the window has: what is older leaves it part by part. */
const PARTS = 10;
const PART_MS = REPEATS_WINDOW_MS / PARTS;

/** What was counted in one part of the window. */
interface Part {
  /** Which part it is, counted from the beginning of time. */
  number: number;
  requests: number;
  repeats: number;
}

/**
 * How many requests may be sent again: a share of those of the last ten seconds. A
 * server that is overloaded, or goes down again and again, gets at most that much more
 * load from repeated requests, however many of them fail.
 *
 * It is the per-client retry budget of “Site Reliability Engineering”, chapter 21,
 * “Handling Overload” (<https://sre.google/sre-book/handling-overload/>).
 */
export class RepeatBudget {
  readonly #percent: number;
  readonly #parts: Part[] = Array.from(
    { length: PARTS },
    () => ({ number: -1, requests: 0, repeats: 0 }),
  );

  constructor(percent: number) {
    this.#percent = percent;
  }

  /** Counts a request that is not a repetition, at a time of `performance.now()`. */
  countRequest(now: number): void {
    this.#partAt(now).requests++;
  }

  /** Whether a request may be sent again now. If so, it is counted. */
  take(now: number): boolean {
    const current = this.#partAt(now);
    let requests = 0;
    let repeats = 0;
    for (const part of this.#parts) {
      if (part.number <= current.number - PARTS) continue;
      requests += part.requests;
      repeats += part.repeats;
    }
    const most = this.#percent === 0
      ? 0
      : Math.max(MIN_REPEATS, requests * this.#percent / 100);
    if (repeats + 1 > most) return false;
    current.repeats++;
    return true;
  }

  #partAt(now: number): Part {
    const number = Math.floor(now / PART_MS);
    const part = this.#parts[number % PARTS]!;
    if (part.number !== number) {
      part.number = number;
      part.requests = part.repeats = 0;
    }
    return part;
  }
}
