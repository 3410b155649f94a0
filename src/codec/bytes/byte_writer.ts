import { allocate, release } from "./buffer_pool.ts";

/** The largest initial size of a buffer. */
const LARGEST_START = 262_144;

/**
 * A growing buffer that gathers the output, so that many frames leave in one
 * write.
 */
export class ByteWriter {
  /** The bytes written, with zeros behind them. */
  #buffer: Uint8Array<ArrayBuffer> = empty;
  #length = 0;
  /**
   * Up to which length `write` only copies: no tail, no larger buffer, and less
   * than `#largest` bytes.
   */
  #room = 0;
  /** Whether there are views of the buffer. */
  #viewed = false;
  /** The initial size of the next buffer: the length of the last output. */
  #capacity = 0;
  /** From how many bytes on the last ones written are not copied. */
  readonly #largest: number;
  /** The last bytes written, as long as they are not copied. */
  #tail: Uint8Array | undefined;

  /**
   * Makes a writer.
   *
   * @param largest From how many bytes on `write` does not copy its bytes as long
   * as nothing else is done: see {@linkcode ByteWriter.takeTail}.
   */
  constructor(largest: number = Infinity) {
    this.#largest = largest;
  }

  /** How many bytes have been written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends `before` zero bytes and a copy of `bytes`. Returns the length before.
   */
  write(bytes: Uint8Array, before = 0): number {
    const { length } = bytes;
    if (typeof bytes === "string" || length === undefined) throw noBytes(bytes);
    const at = this.#length;
    const end = at + before + length;
    if (end > this.#room) return this.#writeMore(bytes, before);
    this.#length = end;
    this.#buffer.set(bytes, at + before);
    return at;
  }

  /** Appends one byte. */
  writeByte(byte: number): void {
    const at = this.#grow(1);
    this.#buffer[at] = byte;
  }

  /** Appends `count` zero bytes. */
  writeZeros(count: number): void {
    this.#grow(count);
  }

  /**
   * Appends `value`, a whole number from 0 up to what fits, as an unsigned
   * integer of `byteCount` bytes.
   */
  writeUint(value: number, byteCount: number, littleEndian = false): void {
    this.setUint(this.#grow(byteCount), value, byteCount, littleEndian);
  }

  /**
   * Overwrites bytes already written, from `at` on, with an unsigned integer.
   */
  setUint(
    at: number,
    value: number,
    byteCount: number,
    littleEndian = false,
  ): void {
    const tail = this.#tail;
    // The bytes of the caller are not written to: they must be copied first.
    if (tail !== undefined && at + byteCount > this.#length - tail.length) {
      this.#copyTail();
    }
    const buffer = this.#buffer;
    // The most common length field. Engines inline this function only if it is
    // short, so the other layouts share the loop.
    if (byteCount === 4 && !littleEndian) {
      buffer[at] = value >>> 24;
      buffer[at + 1] = value >>> 16;
      buffer[at + 2] = value >>> 8;
      buffer[at + 3] = value;
      return;
    }
    let rest = value;
    for (let i = 0; i < byteCount; i++) {
      buffer[littleEndian ? at + i : at + byteCount - 1 - i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** Returns the byte written at `at`, which must be below `length`. */
  at(at: number): number {
    const copied = this.#length - (this.#tail?.length ?? 0);
    return at < copied ? this.#buffer[at]! : this.#tail![at - copied]!;
  }

  /** Returns a view of the bytes written from `at` on. */
  view(at = 0): Uint8Array {
    this.#copyTail();
    this.#viewed = true;
    return this.#buffer.subarray(at, this.#length);
  }

  /** Removes everything behind the first `length` bytes. */
  truncate(length: number): void {
    this.#copyTail();
    this.#buffer.fill(0, length, this.#length);
    this.#length = length;
  }

  /** Returns the bytes written and starts a new output. */
  take(): Uint8Array<ArrayBuffer> {
    const length = this.#length;
    return this.takeBuffer().subarray(0, length);
  }

  /**
   * Returns the buffer, which begins with the `length` bytes written and has zeros
   * behind them, and starts a new output.
   */
  takeBuffer(): Uint8Array<ArrayBuffer> {
    this.#copyTail();
    const buffer = this.#buffer;
    this.#capacity = Math.min(this.#length, LARGEST_START);
    this.#buffer = empty;
    this.#room = 0;
    this.#length = 0;
    this.#viewed = false;
    return buffer;
  }

  /**
   * Removes the last bytes written and returns them as they were given, where
   * they have not been copied: a frame so large that the copy would cost more
   * than a write of its own.
   */
  takeTail(): Uint8Array | undefined {
    const tail = this.#tail;
    if (tail === undefined) return undefined;
    this.#tail = undefined;
    this.#length -= tail.length;
    this.#findRoom();
    return tail;
  }

  #findRoom(): void {
    this.#room = Math.min(this.#buffer.length, this.#largest - 1);
  }

  #writeMore(bytes: Uint8Array, before: number): number {
    const { length } = bytes;
    if (length < this.#largest) {
      const at = this.#grow(before + length);
      this.#buffer.set(bytes, at + before);
      return at;
    }
    const at = this.#grow(before);
    this.#tail = bytes;
    this.#length += length;
    this.#room = 0;
    return at;
  }

  #copyTail(): void {
    const tail = this.takeTail();
    if (tail === undefined) return;
    const at = this.#grow(tail.length);
    this.#buffer.set(tail, at);
  }

  /** Makes room for `count` more bytes and returns where they begin. */
  #grow(count: number): number {
    if (this.#tail !== undefined) this.#copyTail();
    const at = this.#length;
    this.#length = at + count;
    if (at + count > this.#buffer.length) this.#enlarge(at);
    return at;
  }

  /** Moves the `count` bytes written to a larger buffer. */
  #enlarge(count: number): void {
    const buffer = allocate(
      Math.max(this.#length, 2 * this.#buffer.length, this.#capacity),
    );
    const old = this.#buffer;
    buffer.set(old.subarray(0, count));
    this.#buffer = buffer;
    this.#findRoom();
    if (!this.#viewed) release(old, count);
    this.#viewed = false;
  }
}

function noBytes(given: unknown): TypeError {
  return new TypeError(
    `Cannot encode: expected a Uint8Array, got ${typeof given}`,
  );
}

const empty = new Uint8Array(0);
