import type { Direction } from "./capture_event.ts";
import type { FlowContext } from "./flow.ts";
import type { Holder } from "./held_bytes.ts";
import type { TcpSegment } from "./tcp_segment.ts";

/** Bytes that wait for those ahead of them. */
interface Piece {
  /** Where they begin in the stream. */
  readonly offset: number;
  /** Where they end. */
  readonly end: number;
  /** What was captured of them: a copy, so that it keeps no chunk alive. */
  readonly data: Uint8Array;
}

/** What a piece costs besides its bytes. It bounds how many there can be. */
const PIECE_SIZE = 1_024;

/**
 * For how many milliseconds bytes wait that the receiver has had already. They can be
 * behind in the file: a network card with several queues does not keep the order.
 */
const PATIENCE = 1_000;

/** One direction of a TCP connection: puts its segments in order. */
export class TcpStream implements Holder {
  readonly #connection: number;
  readonly #direction: Direction;
  readonly #context: FlowContext;
  #isStarted = false;
  #hasEnded = false;
  /** The sequence number of the next byte, and its place in the stream. */
  #next = 0;
  #offset = 0;
  /** Where the stream ends, once that is known. */
  #end = Infinity;
  /** The bytes behind a gap, in their order, without an overlap. */
  #pieces: Piece[] = [];
  /** When the first of them began to wait. */
  #waitsSince = 0;

  constructor(connection: number, direction: Direction, context: FlowContext) {
    this.#connection = connection;
    this.#direction = direction;
    this.#context = context;
  }

  /** Whether it is known where the stream begins. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Whether all bytes and the end have been told. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Begins with the byte of this sequence number. */
  start(sequence: number): void {
    this.#isStarted = true;
    this.#next = sequence | 0;
  }

  /** Whether the stream begins with the byte of this sequence number. */
  startsAt(sequence: number): boolean {
    return ((this.#next - this.#offset - sequence) | 0) === 0;
  }

  /** Takes a segment whose payload begins with the byte of this sequence number. */
  receive(segment: TcpSegment, sequence: number, time: number): void {
    const { length } = segment;
    const offset = this.#offset + ((sequence - this.#next) | 0);
    const end = offset + length;
    if (segment.hasFin && end >= this.#offset && this.#end === Infinity) {
      this.#end = end;
    }
    if (length > 0) this.#receiveBytes(segment, offset, end, time);
    this.#endWhereReached(time);
  }

  /** Notes that the receiver has had all bytes before this sequence number. */
  acknowledge(sequence: number, time: number): void {
    if (this.#pieces.length === 0) return;
    if (time - this.#waitsSince < PATIENCE) return;
    const offset = this.#offset + ((sequence - this.#next) | 0);
    if (offset >= this.#pieces[0]!.offset) this.giveUpGap(time);
  }

  giveUpGap(time: number): void {
    const end = this.#pieces[0]?.offset ?? this.#end;
    this.#addGap(end - this.#offset, time);
    this.#handOutPieces(time);
    this.#endWhereReached(time);
  }

  /** Gives up all gaps: nothing more comes. */
  finish(time: number): void {
    while (this.#pieces.length > 0) this.giveUpGap(time);
    if (this.#end < Infinity && !this.#hasEnded) this.giveUpGap(time);
  }

  #receiveBytes(
    segment: TcpSegment,
    offset: number,
    end: number,
    time: number,
  ): void {
    const { counters, held } = this.#context;
    if (end <= this.#offset || this.#hasEnded) {
      counters.retransmissions++;
      return;
    }
    const isInOrder = offset <= this.#offset;
    if (isInOrder && this.#pieces.length === 0) {
      const { bytes, from, captured } = segment;
      this.#handOut(bytes, from, captured, offset, end, time);
      return;
    }
    if (this.#pieces.length === 0) this.#waitsSince = time;
    const size = this.#hold(segment, offset, end);
    if (size === 0) counters.retransmissions++;
    else if (isInOrder) this.#handOutPieces(time);
    else {
      counters.outOfOrder++;
      held.enforce(time);
    }
  }

  /**
   * Holds what is new of a segment: of bytes that came twice, the first ones count.
   *
   * @returns The size of what is held in addition.
   */
  #hold(segment: TcpSegment, offset: number, end: number): number {
    const pieces = this.#pieces;
    let at = Math.max(offset, this.#offset);
    const first = firstEndingBehind(pieces, at);
    let last = first;
    let size = 0;
    const merged: Piece[] = [];
    while (at < end) {
      const piece = pieces[last];
      const stop = Math.min(end, piece?.offset ?? end);
      if (at < stop) {
        const added = pieceOf(segment, offset, at, stop);
        size += added.data.length + PIECE_SIZE;
        merged.push(added);
      }
      if (piece === undefined || piece.offset >= end) break;
      merged.push(piece);
      at = piece.end;
      last++;
    }
    if (size === 0) return 0;
    pieces.splice(first, last - first, ...merged);
    this.#context.held.add(this, size);
    return size;
  }

  /** Hands out the pieces up to the next gap. */
  #handOutPieces(time: number): void {
    let count = 0;
    let size = 0;
    for (const { offset, end, data } of this.#pieces) {
      if (offset > this.#offset) break;
      this.#handOut(data, 0, data.length, offset, end, time);
      size += data.length + PIECE_SIZE;
      count++;
    }
    this.#pieces.splice(0, count);
    this.#context.held.remove(this, size, this.#pieces.length === 0);
  }

  /**
   * Hands out the bytes of a segment or piece that are new. They begin at `offset` or
   * ahead of it, in the stream and at `from` in `bytes`; `captured` of them are there.
   */
  #handOut(
    bytes: Uint8Array,
    from: number,
    captured: number,
    offset: number,
    end: number,
    time: number,
  ): void {
    const known = this.#offset - offset;
    const length = captured - known;
    if (length > 0) {
      this.#context.events.add({
        kind: "data",
        connection: this.#connection,
        direction: this.#direction,
        time,
        offset: this.#offset,
        // On V8, this costs a third less than `subarray`.
        data: new Uint8Array(
          bytes.buffer,
          bytes.byteOffset + from + known,
          length,
        ),
      });
      this.#advance(length);
    }
    if (this.#offset < end) this.#addGap(end - this.#offset, time);
  }

  #addGap(length: number, time: number): void {
    this.#context.counters.missingBytes += length;
    this.#context.events.add({
      kind: "gap",
      connection: this.#connection,
      direction: this.#direction,
      time,
      offset: this.#offset,
      length,
    });
    this.#advance(length);
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#next = (this.#next + length) | 0;
  }

  #endWhereReached(time: number): void {
    if (this.#offset < this.#end || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#context.events.add({
      kind: "end",
      connection: this.#connection,
      direction: this.#direction,
      time,
    });
  }
}

/** The index of the first piece that ends behind `offset`. Most often, none does. */
function firstEndingBehind(pieces: readonly Piece[], offset: number): number {
  let [low, high] = [0, pieces.length];
  if (high > 0 && pieces[high - 1]!.end <= offset) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A copy of the bytes of a segment from `at` to `end`, where it begins at `offset`. */
function pieceOf(
  { bytes, from, captured }: TcpSegment,
  offset: number,
  at: number,
  end: number,
): Piece {
  const last = Math.min(end - offset, captured);
  return {
    offset: at,
    end,
    data: bytes.slice(from + at - offset, from + last),
  };
}
