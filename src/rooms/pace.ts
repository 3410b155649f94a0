import { ROOM_FLOOD_BYTES_PER_SECOND } from "../defaults.ts";

/** The bytes that a request costs besides its text. */
const OVERHEAD = 128;

/**
 * How much a member has said lately, as a token bucket: an allowance in bytes that
 * fills up with time and may be overdrawn.
 */
export class Pace {
  readonly #burst: number;
  #allowance: number;
  #filledAt: number = performance.now();

  /** @param burst How many bytes may be said at once. */
  constructor(burst: number) {
    this.#burst = this.#allowance = burst;
  }

  /** How long it takes until the allowance is not overdrawn, in milliseconds. */
  get owedMs(): number {
    this.#fill();
    return Math.max(0, -this.#allowance * 1_000 / ROOM_FLOOD_BYTES_PER_SECOND);
  }

  /**
   * Counts a request with so many bytes of text. An earlier debt is dropped: the
   * member was not held back for it, since no other member was behind.
   */
  spend(bytes: number): void {
    this.#fill();
    this.#allowance = Math.max(0, this.#allowance) - OVERHEAD - bytes;
  }

  #fill(): void {
    const now = performance.now();
    const filled = (now - this.#filledAt) * ROOM_FLOOD_BYTES_PER_SECOND / 1_000;
    this.#allowance = Math.min(this.#burst, this.#allowance + filled);
    this.#filledAt = now;
  }
}
