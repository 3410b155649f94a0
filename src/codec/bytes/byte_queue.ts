/**
 * The bytes that have arrived and are not used yet: the one place where chunks
 * are joined.
 *
 * The unread bytes always lie in one piece. A chunk that arrives while nothing
 * is unread is used as it is, without a copy; one that arrives behind unread
 * bytes is appended to a buffer that doubles, so that a frame arriving in many
 * small chunks costs time and memory linear in its length. Bytes already handed
 * out are never written over: a buffer is only ever filled behind its end.
 */
export class ByteQueue {
  /** The unread bytes, behind those already used. */
  #bytes: Uint8Array = empty;
  #start = 0;
  /** What `#bytes` is a view of, with room behind it when it is our own. */
  #buffer: Uint8Array = empty;
  #offset = 0;

  /**
   * The position in the stream at which the current frame began. Kept by the
   * decoder for error messages; a reader that passes frames over moves it.
   */
  frameOffset = 0;

  /** How many bytes are unread. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** The position in the stream of the first unread byte. */
  get offset(): number {
    return this.#offset;
  }

  /** Adds a chunk behind the unread bytes. The chunk must not change after. */
  push(given: Uint8Array): void {
    const chunk = plain(given);
    if (chunk.length === 0) return;
    const unread = this.length;
    if (unread === 0) {
      this.#bytes = this.#buffer = chunk;
      this.#start = 0;
      return;
    }
    const end = this.#bytes.length;
    if (end + chunk.length <= this.#buffer.length) {
      this.#buffer.set(chunk, end);
      this.#bytes = this.#buffer.subarray(0, end + chunk.length);
      return;
    }
    const joined = unread + chunk.length;
    const buffer = new Uint8Array(Math.max(joined, 2 * unread));
    buffer.set(this.#bytes.subarray(this.#start));
    buffer.set(chunk, unread);
    this.#buffer = buffer;
    this.#bytes = buffer.subarray(0, joined);
    this.#start = 0;
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
    const bytes = this.#bytes;
    const from = this.#start + index;
    const to = from + byteCount;
    let value = 0;
    if (littleEndian) {
      for (let i = to - 1; i >= from; i--) value = value * 256 + bytes[i]!;
    } else {
      for (let i = from; i < to; i++) value = value * 256 + bytes[i]!;
    }
    return value;
  }

  /** The index of the first unread `byte` from index `from` on, or -1. */
  indexOf(byte: number, from = 0): number {
    const index = this.#bytes.indexOf(byte, this.#start + from);
    return index < 0 ? -1 : index - this.#start;
  }

  /** A view of the first `count` unread bytes, which stay unread. */
  peek(count: number): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#start + count);
  }

  /** Takes `count` bytes, at most `length`, as a view. */
  take(count: number): Uint8Array {
    const view = this.#bytes.subarray(this.#start, this.#start + count);
    this.skip(count);
    return view;
  }

  /** Passes over `count` bytes, at most `length`. */
  skip(count: number): void {
    this.#start += count;
    this.#offset += count;
    if (this.#start === this.#bytes.length) {
      // An idle stream must not keep its last chunk alive.
      this.#bytes = this.#buffer = empty;
      this.#start = 0;
    }
  }
}

/** A view of the same bytes that is no subclass: a Buffer's `slice` is no copy. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  if (!ArrayBuffer.isView(bytes)) {
    throw new TypeError(
      `Cannot decode: expected a Uint8Array, got ${typeof bytes}`,
    );
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const empty = new Uint8Array(0);
