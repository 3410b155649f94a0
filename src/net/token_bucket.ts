/**
 * A token bucket: an allowance that fills up with time, to its burst, and may be
 * overdrawn. Nothing runs between calls.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #allowance: number;
  #filledAt: number = performance.now();

  /**
   * @param perSecond How many tokens it gets a second.
   * @param burst How many it holds at most.
   */
  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = this.#allowance = burst;
  }

  /** How long it takes until it is not overdrawn, in milliseconds. */
  get owedMs(): number {
    this.#fill();
    return Math.max(0, -this.#allowance / this.#perMs);
  }

  /** Whether it is as full as it can be. */
  get isFull(): boolean {
    this.#fill();
    return this.#allowance >= this.#burst;
  }

  /** Takes tokens, also more than there are. */
  spend(tokens: number): void {
    this.#fill();
    this.#allowance -= tokens;
  }

  /** Takes one token, if there is one. */
  take(): boolean {
    this.#fill();
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }

  /** Adds what it gets in so many milliseconds, also above its burst. */
  add(ms: number): void {
    this.#fill();
    this.#allowance += ms * this.#perMs;
  }

  /** Drops the debt, if it is overdrawn. */
  forgive(): void {
    this.#fill();
    this.#allowance = Math.max(0, this.#allowance);
  }

  #fill(): void {
    const now = performance.now();
    const filled = this.#allowance + (now - this.#filledAt) * this.#perMs;
    // What is above the burst was added on purpose.
    this.#allowance = Math.max(this.#allowance, Math.min(this.#burst, filled));
    this.#filledAt = now;
  }
}
