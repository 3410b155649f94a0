import type { TcpSegment } from "./tcp_segment.ts";

/** Bytes that wait for those ahead of them. */
export interface Piece {
  /** Where they begin in the stream. */
  readonly offset: number;
  /** Where they end. */
  readonly end: number;
  /** What was captured of them: a copy, so that it keeps no chunk alive. */
  readonly data: Uint8Array;
  /** What it costs to keep it. */
  readonly size: number;
}

/** What a piece costs besides its bytes. It bounds how many there can be. */
const PIECE_SIZE = 1_024;

/** The bytes behind a gap, in their order, without an overlap. */
export class Pieces {
  /** The pieces, and those ahead of them that were taken. */
  #all: Piece[] = [];
  #taken = 0;
  #size = 0;

  /** What all of them cost. */
  get size(): number {
    return this.#size;
  }

  /** The first of them, if there is one. */
  get first(): Piece | undefined {
    return this.#all[this.#taken];
  }

  /**
   * Adds what is new of a segment from `at` on, which begins at `offset` and ends at
   * `end`: of bytes that came twice, the first ones count.
   *
   * @returns What that costs.
   */
  add(segment: TcpSegment, offset: number, at: number, end: number): number {
    const all = this.#all;
    const first = this.#firstEndingBehind(at);
    let last = first;
    let size = 0;
    const merged: Piece[] = [];
    while (at < end) {
      const piece = all[last];
      const stop = Math.min(end, piece?.offset ?? end);
      if (at < stop) {
        const added = pieceOf(segment, offset, at, stop);
        size += added.size;
        merged.push(added);
      }
      if (piece === undefined || piece.offset >= end) break;
      merged.push(piece);
      at = piece.end;
      last++;
    }
    if (size > 0) all.splice(first, last - first, ...merged);
    this.#size += size;
    return size;
  }

  /** Takes the first of them, which there must be. */
  take(): Piece {
    const all = this.#all;
    const piece = all[this.#taken++]!;
    this.#size -= piece.size;
    // To move the others each time would cost the square of their number.
    if (this.#taken * 2 >= all.length) {
      all.splice(0, this.#taken);
      this.#taken = 0;
    }
    return piece;
  }

  /** Drops all of them. */
  clear(): void {
    this.#all = [];
    this.#taken = this.#size = 0;
  }

  /** The index of the first piece that ends behind `offset`. Most often, none does. */
  #firstEndingBehind(offset: number): number {
    const all = this.#all;
    let [low, high] = [this.#taken, all.length];
    if (high > low && all[high - 1]!.end <= offset) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (all[middle]!.end > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/**
 * The bytes of a segment from `at` to `end`, where it begins at `offset`: fewer, if the
 * packet ends before them.
 */
function pieceOf(
  { bytes, from }: TcpSegment,
  offset: number,
  at: number,
  end: number,
): Piece {
  const start = from - offset;
  const data = bytes.slice(start + at, start + end);
  return { offset: at, end, data, size: data.length + PIECE_SIZE };
}
