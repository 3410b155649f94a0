import { randomNumbers } from "./cuts.ts";

/** Random choices, the same for the same seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  /** Whether something of the given probability happens. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** A length: mostly short, now and then a few thousand. */
  length(): number {
    const most = this.pick([0, 1, 4, 16, 16, 64, 64, 300]);
    return this.below(1 + (this.chance(0.002) ? 20_000 : most));
  }

  /** Bytes of any value. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Bytes of few values. */
  bytesOf(
    alphabet: readonly number[],
    length: number,
  ): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.pick(alphabet));
  }
}
