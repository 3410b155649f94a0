/**
 * The bytes that have arrived and no frame has used yet. Chunks are joined here
 * and nowhere else.
 *
 * The unread bytes are always contiguous. If the queue is empty, it uses a new
 * chunk without copying it. Otherwise it appends the chunk to a buffer that
 * doubles, so a frame that arrives in many small chunks costs time and memory
 * linear in its length. Bytes already handed out are never overwritten: a
 * buffer is only filled behind its end.
 *
 * A reader that knows how long its frame is says so with `want`. Then the chunk
 * that completes the frame is not copied behind it: what is left of the chunk
 * waits until the frame has been taken.
 *
 * Several decoders can take turns at one queue. `showFrame` then keeps the one whose
 * turn it is from reading on behind its frame.
 */
export class ByteQueue {
  /**
   * The unread bytes are those from `#start` to `#end`. Behind `#end`, a buffer
   * of our own has room for more.
   */
  #bytes: Uint8Array = empty;
  #start = 0;
  #end = 0;
  /**
   * The buffer of `#bytes` and the offset in it. On V8, a view made from these
   * costs a third less than one made by `subarray`.
   */
  #memory: ArrayBufferLike = empty.buffer;
  #memoryOffset = 0;
  /** The byte offset in the stream of `#bytes[0]`. */
  #base = 0;
  /** How many bytes the reader waits for; 0 where it did not say. */
  #wanted = 0;
  /** What follows the unread bytes and has not been joined to them. */
  #rest: Uint8Array | undefined;
  /** How many unread bytes from `#end` on are out of sight. */
  #hidden = 0;
  #showsFrame = false;

  /**
   * The byte offset in the stream at which the current frame began, for error
   * messages. The decoder sets it after each frame; a reader that skips noise
   * between frames sets it to `offset`.
   */
  frameOffset = 0;

  /** How many bytes are unread, and contiguous. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** How many bytes are held: the unread ones, and those that wait behind them. */
  get heldLength(): number {
    return this.#end - this.#start + this.#hidden + (this.#rest?.length ?? 0);
  }

  /** How many bytes of the current frame have arrived, skipped ones included. */
  get pendingLength(): number {
    return this.offset + this.heldLength - this.frameOffset;
  }

  /** The byte offset in the stream of the first unread byte. */
  get offset(): number {
    return this.#base + this.#start;
  }

  /** Appends a chunk. It must not change afterwards. */
  push(given: Uint8Array | ArrayBuffer | ArrayBufferView): void {
    const chunk = plain(given);
    if (chunk.length === 0) return;
    const unread = this.length;
    if (unread === 0) {
      this.#use(chunk, chunk.length);
      return;
    }
    this.join();
    const missing = this.#wanted - unread;
    if (missing > 0 && missing < chunk.length) {
      this.#append(chunk.subarray(0, missing), this.#wanted);
      this.#rest = chunk.subarray(missing);
    } else this.#append(chunk, 2 * unread);
  }

  /** Says that `count` unread bytes are needed before anything can be taken. */
  want(count: number): void {
    this.#wanted = count;
  }

  /** Joins what waits to the unread bytes; `false` where nothing waits. */
  join(): boolean {
    const rest = this.#rest;
    if (rest === undefined) return false;
    this.#rest = undefined;
    this.#append(rest, 0);
    return true;
  }

  /**
   * Says that a frame ends at `offset`. The decoder calls it after each frame; a
   * reader that skips a frame calls it there.
   */
  endFrame(): void {
    this.frameOffset = this.offset;
    if (!this.#showsFrame) return;
    this.join();
    this.#hidden = this.length;
    this.#end = this.#start;
    this.#showsFrame = false;
  }

  /**
   * Shows all bytes until `endFrame` is called. From then on the queue looks empty
   * to all readers until the next call, which must also come before a `push`.
   */
  showFrame(): void {
    this.#end += this.#hidden;
    this.#hidden = 0;
    this.#showsFrame = true;
  }

  /** Whether `endFrame` has not been called since `showFrame`. */
  get showsFrame(): boolean {
    return this.#showsFrame;
  }

  /** The unread byte at `index`, which must be below `length`. */
  at(index: number): number {
    return this.#bytes[this.#start + index]!;
  }

  /**
   * The unsigned integer of the `byteCount` unread bytes from `index` on, which
   * must be below `length`. Past 2^53 it is rounded.
   */
  uintAt(index: number, byteCount: number, littleEndian = false): number {
    if (byteCount === 4 && !littleEndian) return this.uint32At(index);
    const bytes = this.#bytes;
    const from = this.#start + index;
    let value = 0;
    for (let i = 0; i < byteCount; i++) {
      const at = littleEndian ? byteCount - 1 - i : i;
      value = value * 256 + bytes[from + at]!;
    }
    return value;
  }

  /**
   * The same for the most common length field, four bytes big-endian, in a function
   * so short that engines inline it.
   */
  uint32At(index: number): number {
    const bytes = this.#bytes;
    const from = this.#start + index;
    const high = bytes[from]! << 24 | bytes[from + 1]! << 16;
    return (high | bytes[from + 2]! << 8 | bytes[from + 3]!) >>> 0;
  }

  /** The index of the first unread `byte` from index `from` on, or -1. */
  indexOf(byte: number, from = 0): number {
    // Without the room behind the unread bytes, which may be large.
    const bytes = this.#end === this.#bytes.length
      ? this.#bytes
      : this.#bytes.subarray(0, this.#end);
    const index = bytes.indexOf(byte, this.#start + from);
    return index < 0 ? -1 : index - this.#start;
  }

  /**
   * A view of the first `count` unread bytes, which stay unread, without those
   * before the index `from`.
   */
  peek(count: number, from = 0): Uint8Array {
    const to = Math.min(this.#start + count, this.#end);
    return this.#bytes.subarray(this.#start + from, to);
  }

  /**
   * Takes `count` bytes as a view, and skips `before` bytes ahead of them and
   * `after` bytes behind them: at most `length` in total.
   *
   * @throws {RangeError} If fewer bytes have arrived.
   */
  take(count: number, before = 0, after = 0): Uint8Array {
    const memory = this.#memory;
    const from = this.#memoryOffset + this.#start + before;
    this.skip(before + count + after);
    return new Uint8Array(memory, from, count);
  }

  /** Takes all bytes that are held, or at most `atMost`; a frame begins behind them. */
  takeUnread(atMost: number): Uint8Array {
    if (atMost > this.length) this.join();
    const unread = this.take(Math.min(this.length, atMost));
    this.endFrame();
    return unread;
  }

  /** Skips `count` bytes, at most `length`. */
  skip(count: number): void {
    const to = this.#start + count;
    if (to > this.#end) throw tooFew(count, this.length);
    this.#start = to;
    if (to === this.#end) this.#next();
  }

  /** Appends to the unread bytes, in a buffer of at least `room` bytes. */
  #append(bytes: Uint8Array, room: number): void {
    const end = this.#end + bytes.length;
    if (end <= this.#bytes.length) {
      this.#bytes.set(bytes, this.#end);
      this.#end = end;
      return;
    }
    const unread = this.length;
    const joined = unread + bytes.length;
    const buffer = new Uint8Array(Math.max(joined, room));
    buffer.set(this.peek(unread));
    buffer.set(bytes, unread);
    this.#use(buffer, joined);
  }

  /** Goes on with what waits. An idle stream must not keep its last chunk alive. */
  #next(): void {
    if (this.#hidden > 0) return;
    const rest = this.#rest ?? empty;
    this.#rest = undefined;
    this.#wanted = 0;
    this.#use(rest, rest.length);
  }

  /** Replaces the buffer: the first `length` bytes of `bytes` are unread. */
  #use(bytes: Uint8Array, length: number): void {
    this.#base += this.#start;
    this.#start = 0;
    this.#end = length;
    this.#bytes = bytes;
    this.#memory = bytes.buffer;
    this.#memoryOffset = bytes.byteOffset;
  }
}

/** A view that is too long would show other bytes of the same buffer. */
function tooFew(count: number, length: number): RangeError {
  return new RangeError(
    `Cannot take ${count} bytes: only ${length} have arrived`,
  );
}

/**
 * Returns a plain `Uint8Array` of the same bytes: the `slice` of a Node
 * `Buffer` would not copy. An `ArrayBuffer` or a `DataView` is taken as well.
 */
function plain(bytes: Uint8Array | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes as Uint8Array;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  if (!ArrayBuffer.isView(bytes)) {
    throw new TypeError(
      `Cannot decode: expected a Uint8Array, got ${typeof bytes}`,
    );
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const empty = new Uint8Array(0);
