import type { Direction } from "./capture_event.ts";
import type { FlowContext } from "./flow.ts";
import type { Holder } from "./held_bytes.ts";
import { Pieces } from "./pieces.ts";
import type { TcpSegment } from "./tcp_segment.ts";

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
  /** The bytes behind a gap. */
  readonly #pieces = new Pieces();
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
    const { first } = this.#pieces;
    if (first === undefined || time - this.#waitsSince < PATIENCE) return;
    const offset = this.#offset + ((sequence - this.#next) | 0);
    if (offset >= first.offset) this.giveUpGap(time);
  }

  giveUpGap(time: number): void {
    const end = this.#pieces.first?.offset ?? this.#end;
    this.#addGap(end - this.#offset, time);
    this.#handOutPieces(time);
    this.#endWhereReached(time);
  }

  /** Gives up all gaps: nothing more comes. */
  finish(time: number): void {
    while (this.#pieces.first !== undefined) this.giveUpGap(time);
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
    const isFirst = this.#pieces.first === undefined;
    if (isInOrder && isFirst) {
      const { bytes, from, captured } = segment;
      this.#handOut(bytes, from, captured, offset, end, time);
      return;
    }
    if (isFirst) this.#waitsSince = time;
    const from = Math.max(offset, this.#offset);
    const size = this.#pieces.add(segment, offset, from, end);
    if (size === 0) {
      counters.retransmissions++;
      return;
    }
    held.add(this, size);
    if (isInOrder) this.#handOutPieces(time);
    else {
      counters.outOfOrder++;
      held.enforce(time);
    }
  }

  /** Hands out the pieces up to the next gap. */
  #handOutPieces(time: number): void {
    const pieces = this.#pieces;
    const { size } = pieces;
    while (pieces.first !== undefined && pieces.first.offset <= this.#offset) {
      const { offset, end, data } = pieces.take();
      this.#handOut(data, 0, data.length, offset, end, time);
    }
    this.#context.held.remove(this, size - pieces.size, pieces.size === 0);
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
    // What is there in spite of the end is not of this stream.
    this.#context.held.remove(this, this.#pieces.size, true);
    this.#pieces.clear();
    this.#context.events.add({
      kind: "end",
      connection: this.#connection,
      direction: this.#direction,
      time,
    });
  }
}
