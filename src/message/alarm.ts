/** The longest that a timer can be set for: a longer one would ring at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * One timer for many time limits: it rings at the earliest that it was set for,
 * or before that, and is to be set again then. It stays set when nothing is left
 * to wait for, since that costs less than a timer each.
 */
export class Alarm {
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Has it ring at a time of `performance.now()`, if not earlier. */
  set(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    const delay = Math.min(Math.max(at - performance.now(), 0), LONGEST_MS);
    this.#timer = setTimeout(() => {
      this.#at = Infinity;
      this.#ring();
    }, delay);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }
}
