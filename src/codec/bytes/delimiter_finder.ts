import type { ByteQueue } from "./byte_queue.ts";

/** A checked set of delimiters. */
export interface DelimiterSet {
  /** The delimiter that the encoder writes. */
  readonly first: Uint8Array;
  /** The byte that is the only delimiter; -1 where there are others, or longer ones. */
  readonly onlyByte: number;
  /** All delimiters, grouped by their first byte. */
  readonly groups: readonly DelimiterGroup[];
}

/** The delimiters that begin with the same byte, the longest first. */
export interface DelimiterGroup {
  readonly firstByte: number;
  readonly delimiters: readonly Uint8Array[];
}

/**
 * Checks the delimiters and groups them for the search. `name` is that of their
 * option.
 */
export function delimiterSet(
  given: string | Uint8Array | readonly (string | Uint8Array)[],
  name: string = "delimiter",
): DelimiterSet {
  const encoder = new TextEncoder();
  const delimiters = [given].flat().map((one) =>
    typeof one === "string" ? encoder.encode(one) : Uint8Array.from(one)
  );
  const first = delimiters[0];
  if (first === undefined || delimiters.some((one) => one.length === 0)) {
    throw new TypeError(
      `Cannot use ${name}: expected at least one, and none of them empty`,
    );
  }
  const isBeginningOf = (one: Uint8Array): boolean =>
    one.length > first.length && first.every((byte, i) => one[i] === byte);
  if (delimiters.some(isBeginningOf)) {
    throw new TypeError(
      `Cannot use ${name}: the first one, which is written, must not be the beginning of another`,
    );
  }
  const firstBytes = new Set(delimiters.map((one) => one[0]!));
  return {
    first,
    onlyByte: delimiters.length === 1 && first.length === 1 ? first[0]! : -1,
    groups: [...firstBytes].map((firstByte) => ({
      firstByte,
      delimiters: delimiters.filter((one) => one[0] === firstByte)
        .sort((a, b) => b.length - a.length),
    })),
  };
}

/**
 * Finds the first delimiter in bytes that are still arriving. It scans no byte
 * twice, except after a delimiter that began and did not continue. What it
 * knows about each first byte is kept between calls as an offset in the stream,
 * so it stays valid when bytes are taken or pushed.
 */
export class DelimiterFinder {
  /**
   * After `find` returned `true`: the index of the delimiter. After `false`: no
   * delimiter can begin before this index.
   */
  index = 0;
  /** After `find` returned `true`: the length of the delimiter found. */
  length = 0;

  readonly #groups: readonly DelimiterGroup[];
  /**
   * For each group, the offset in the stream before which its first byte does
   * not occur.
   */
  readonly #next: number[];
  /** The byte that is the only delimiter; -1 where there are others, or longer ones. */
  readonly #onlyByte: number;

  constructor(delimiters: DelimiterSet) {
    this.#groups = delimiters.groups;
    this.#next = delimiters.groups.map(() => 0);
    this.#onlyByte = delimiters.onlyByte;
  }

  /**
   * Finds the delimiter that begins first, and the longest if several begin at
   * the same byte. Returns `false` if there is none, or if a longer one could
   * still arrive; after the end of the stream (`ended`), none can.
   */
  find(input: ByteQueue, ended: boolean): boolean {
    if (this.#onlyByte >= 0) return this.#findByte(input);
    const groups = this.#groups;
    const next = this.#next;
    while (true) {
      let best = 0;
      let index = input.length;
      for (let i = 0; i < groups.length; i++) {
        const at = this.#occurrence(i, input);
        if (at < index) {
          index = at;
          best = i;
        }
      }
      this.index = index;
      if (index === input.length) return false;
      for (const delimiter of groups[best]!.delimiters) {
        const there = Math.min(delimiter.length, input.length - index);
        if (!matches(input, index, delimiter, there)) continue;
        if (there === delimiter.length) {
          this.length = there;
          return true;
        }
        if (!ended) return false;
      }
      next[best] = input.offset + index + 1;
    }
  }

  /** Finds the only delimiter, which is one byte: the shortest way for many formats. */
  #findByte(input: ByteQueue): boolean {
    const known = this.#next[0]! - input.offset;
    const found = input.indexOf(this.#onlyByte, known > 0 ? known : 0);
    this.index = found < 0 ? input.length : found;
    this.length = 1;
    this.#next[0] = input.offset + this.index;
    return found >= 0;
  }

  /** Ignores delimiters that begin before an offset in the stream. */
  startAt(offset: number): void {
    const next = this.#next;
    for (let i = 0; i < next.length; i++) {
      next[i] = Math.max(next[i]!, offset);
    }
  }

  /**
   * Returns the index of the group's first byte, or the length of the input if
   * it does not occur.
   */
  #occurrence(group: number, input: ByteQueue): number {
    const known = this.#next[group]! - input.offset;
    let index = known > 0 ? known : 0;
    const { firstByte } = this.#groups[group]!;
    if (index < input.length && input.at(index) !== firstByte) {
      const found = input.indexOf(firstByte, index);
      index = found < 0 ? input.length : found;
    }
    this.#next[group] = input.offset + index;
    return index;
  }
}

function matches(
  input: ByteQueue,
  index: number,
  delimiter: Uint8Array,
  count: number,
): boolean {
  for (let i = 1; i < count; i++) {
    if (input.at(index + i) !== delimiter[i]) return false;
  }
  return true;
}
