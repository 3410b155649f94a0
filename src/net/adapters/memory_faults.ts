import { checkOptions, type OptionKinds } from "../../checks.ts";

/** Options of a network in memory. */
export interface MemoryNetworkOptions {
  /**
   * The seed of all random decisions. The same seed and the same calls give the
   * same pieces, delays and resets.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * The maximum length of a chunk: bytes arrive in pieces of a random length from 1
   * to this. `maxChunkLength: 2` makes of
   *
   * ```text
   * 01 02 03 04 05   e.g.   01 02 | 03 | 04 05
   * ```
   *
   * Without this option, a write arrives as one chunk of up to 16 KiB.
   */
  maxChunkLength?: number;
  /**
   * Whether each piece, and each end, arrives after a random number of turns of the
   * event loop, so that the order of events depends on the seed.
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
  /**
   * The number of the call that fails with a `NetError` and breaks its connection.
   * Calls that send (writes and half-closes) are counted over all connections of
   * the network, from 1.
   *
   * Without this option, no call fails.
   */
  failCall?: number;
}

/** The most bytes that arrive at once. */
const MAX_PIECE_BYTES = 16_384;

/** Counts the calls that `failCall` is about. */
export interface CallCounter {
  /** How many calls there were. */
  count: number;
  /** The number of the one that fails. */
  readonly failing: number | undefined;
}

/** The faults of one direction of a connection. */
export class Faults {
  /** Whether anything is delayed. */
  readonly delays: boolean;

  readonly #random: () => number;
  readonly #maxChunkLength: number | undefined;
  readonly #resetProbability: number;
  readonly #calls: CallCounter;
  #bytesLeft: number;

  /** Makes the faults of a direction, with the counter of its network. */
  constructor(
    options: MemoryNetworkOptions,
    random: number,
    calls: CallCounter,
  ) {
    this.#calls = calls;
    this.delays = options.delay ?? false;
    this.#random = randomNumbers(random * 2 ** 32);
    this.#maxChunkLength = options.maxChunkLength;
    this.#resetProbability = options.resetProbability ?? 0;
    this.#bytesLeft = options.resetAfterBytes ?? Infinity;
  }

  /** How many of the bytes arrive next. */
  nextLength(length: number): number {
    const most = this.#maxChunkLength === undefined
      ? MAX_PIECE_BYTES
      : 1 + Math.floor(this.#random() * this.#maxChunkLength);
    const next = Math.min(length, most, MAX_PIECE_BYTES, this.#bytesLeft);
    this.#bytesLeft -= next;
    return next;
  }

  /** Whether the connection is reset now. */
  resets(): boolean {
    return this.#bytesLeft <= 0 || this.#random() < this.#resetProbability;
  }

  /** Counts a call, and returns whether it fails. */
  callFails(): boolean {
    return ++this.#calls.count === this.#calls.failing;
  }

  /** Runs an action now, or a few turns of the event loop later. */
  delay(action: () => void): void {
    let turns = this.delays ? Math.floor(this.#random() * 4) : 0;
    const turn = () => {
      if (turns-- === 0) action();
      else setTimeout(turn, 0);
    };
    turn();
  }
}

const kinds: OptionKinds<MemoryNetworkOptions> = {
  seed: "checked",
  maxChunkLength: "checked",
  delay: "boolean",
  resetProbability: "checked",
  resetAfterBytes: "checked",
  failCall: "checked",
};

/** Throws where an option is out of its range, or there is no such option. */
export function checkFaults(options: MemoryNetworkOptions): void {
  checkOptions("memoryNetwork", options, kinds);
  const {
    maxChunkLength = 1,
    resetProbability = 0,
    resetAfterBytes = 0,
    failCall = 1,
  } = options;
  if (!Number.isInteger(maxChunkLength) || maxChunkLength < 1) {
    throw new RangeError(
      `Cannot make the network: expected maxChunkLength to be a positive integer, got ${maxChunkLength}`,
    );
  }
  if (!Number.isInteger(failCall) || failCall < 1) {
    throw new RangeError(
      `Cannot make the network: expected failCall to be a positive integer, got ${failCall}`,
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
