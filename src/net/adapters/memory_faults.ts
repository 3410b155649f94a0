/** Options of a network in memory. */
export interface MemoryNetworkOptions {
  /**
   * Decides on all that is left to chance. The same seed and the same calls
   * give the same pieces, delays and resets.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * The most bytes that arrive at once: what is written arrives in pieces of a
   * random length from 1 to this. `maxChunkLength: 2` makes of
   *
   * ```text
   * 01 02 03 04 05   e.g.   01 02 | 03 | 04 05
   * ```
   *
   * Without this option it arrives as it was written, up to 64 KiB at once.
   */
  maxChunkLength?: number;
  /**
   * Lets each piece, and each end, arrive after a random number of turns of
   * the event loop, so that things happen in another order with every seed.
   *
   * @default {false}
   */
  delay?: boolean;
  /**
   * How likely it is, from 0 to 1, that the connection is reset instead of a
   * piece arriving.
   *
   * @default {0}
   */
  resetProbability?: number;
  /**
   * Resets a connection when this many bytes have arrived in one of its
   * directions: `resetAfterBytes: 3` makes of
   *
   * ```text
   * 01 02 03 04 05   01 02 03, then CONNECTION_RESET
   * ```
   *
   * Without this option it never happens.
   */
  resetAfterBytes?: number;
}

/** What befalls the bytes of one direction of a connection. */
export class Faults {
  /** Whether anything is delayed. */
  readonly delays: boolean;

  readonly #random: () => number;
  readonly #maxChunkLength: number | undefined;
  readonly #resetProbability: number;
  #bytesLeft: number;

  constructor(options: MemoryNetworkOptions, random: number) {
    this.delays = options.delay ?? false;
    this.#random = randomNumbers(random * 2 ** 32);
    this.#maxChunkLength = options.maxChunkLength;
    this.#resetProbability = options.resetProbability ?? 0;
    this.#bytesLeft = options.resetAfterBytes ?? Infinity;
  }

  /** How many of the bytes arrive next. */
  nextLength(length: number): number {
    const most = this.#maxChunkLength === undefined
      ? 65_536
      : 1 + Math.floor(this.#random() * this.#maxChunkLength);
    const next = Math.min(length, most, this.#bytesLeft);
    this.#bytesLeft -= next;
    return next;
  }

  /** Whether the connection is reset now. */
  resets(): boolean {
    return this.#bytesLeft <= 0 || this.#random() < this.#resetProbability;
  }

  /** Does something now, or a few turns of the event loop later. */
  delay(action: () => void): void {
    let turns = this.delays ? Math.floor(this.#random() * 4) : 0;
    const turn = () => {
      if (turns-- === 0) action();
      else setTimeout(turn, 0);
    };
    turn();
  }
}

/** Throws where an option is out of its range. */
export function checkOptions(options: MemoryNetworkOptions): void {
  const { maxChunkLength = 1, resetProbability = 0, resetAfterBytes = 0 } =
    options;
  if (!Number.isInteger(maxChunkLength) || maxChunkLength < 1) {
    throw new RangeError(
      `Cannot make the network: expected maxChunkLength to be a positive integer, got ${maxChunkLength}`,
    );
  }
  if (!(resetProbability >= 0 && resetProbability <= 1)) {
    throw new RangeError(
      `Cannot make the network: expected resetProbability from 0 to 1, got ${resetProbability}`,
    );
  }
  if (!(resetAfterBytes >= 0)) {
    throw new RangeError(
      `Cannot make the network: expected resetAfterBytes of 0 or more, got ${resetAfterBytes}`,
    );
  }
}

/** The generator mulberry32: numbers from 0 to 1, exclusive. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
