const SMALLEST = 256;
const LARGEST_KEPT = 65_536;

/**
 * A growing run of bytes: the one place where output is gathered, so that many
 * frames leave in one write.
 */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer> = empty;
  #length = 0;
  /** How large the next buffer begins: about what the last one came to. */
  #capacity = SMALLEST;

  /** How many bytes have been written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** Appends a copy of `bytes`. */
  write(bytes: Uint8Array): void {
    const { length } = bytes;
    if (typeof bytes === "string" || length === undefined) {
      throw new TypeError(
        `Cannot encode: expected a Uint8Array, got ${typeof bytes}`,
      );
    }
    const at = this.#grow(length);
    this.#buffer.set(bytes, at);
  }

  /** Appends one byte. */
  writeByte(byte: number): void {
    const at = this.#grow(1);
    this.#buffer[at] = byte;
  }

  /** Appends `count` zero bytes. */
  writeZeros(count: number): void {
    const at = this.#grow(count);
    const buffer = this.#buffer;
    // For the few bytes of a header, a loop is faster than a call of `fill`.
    if (count <= 16) { for (let i = 0; i < count; i++) buffer[at + i] = 0; }
    else buffer.fill(0, at, at + count);
  }

  /**
   * Appends `value`, a whole number from 0 up to what fits, as an unsigned
   * integer of `byteCount` bytes.
   */
  writeUint(value: number, byteCount: number, littleEndian = false): void {
    const at = this.#grow(byteCount);
    this.setUint(at, value, byteCount, littleEndian);
  }

  /** Writes an unsigned integer over bytes already written, from `at` on. */
  setUint(
    at: number,
    value: number,
    byteCount: number,
    littleEndian = false,
  ): void {
    const buffer = this.#buffer;
    if (byteCount <= 4) {
      let rest = value;
      for (let i = 0; i < byteCount; i++) {
        buffer[littleEndian ? at + i : at + byteCount - 1 - i] = rest;
        rest >>>= 8;
      }
      return;
    }
    let rest = value;
    for (let i = 0; i < byteCount; i++) {
      buffer[littleEndian ? at + i : at + byteCount - 1 - i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** A view of what has been written from `at` on. */
  view(at = 0): Uint8Array {
    return this.#buffer.subarray(at, this.#length);
  }

  /** Takes back all that was written after the first `length` bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Hands out what has been written and starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#capacity = Math.max(SMALLEST, Math.min(this.#length, LARGEST_KEPT));
    this.#buffer = empty;
    this.#length = 0;
    return taken;
  }

  /** Makes room for `count` more bytes and returns where they begin. */
  #grow(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(
        Math.max(needed, 2 * this.#buffer.length, this.#capacity),
      );
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    this.#length = needed;
    return at;
  }
}

const empty = new Uint8Array(0);
