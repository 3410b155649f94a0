const MIN_BYTES = 1_024;
const MAX_BYTES = 65_536;

/** After how many small reads in a row the memory shrinks. */
const SMALL_READS = 8;

/**
 * The memory that is read into. A read needs its memory before anything has
 * arrived, so each idle connection holds some: little, until reads fill it, and
 * little again after several reads that leave most of it empty. What was handed
 * out is never written to again.
 */
export class ReadBuffer {
  #size = MIN_BYTES;
  /** What is left of the buffer; chunks are cut from its front. */
  #free: Uint8Array = new Uint8Array(0);
  #smallReads = 0;

  /** Returns the memory for the next read. */
  next(): Uint8Array {
    // Half of the size at least: a short rest would cut what arrives in two.
    const outgrown = this.#free.buffer.byteLength !== this.#size;
    if (outgrown || this.#free.length < this.#size / 2) {
      this.#free = new Uint8Array(this.#size);
    }
    return this.#free;
  }

  /** Returns the chunk that was read, of so many bytes. It belongs to the caller. */
  take(length: number): Uint8Array {
    const chunk = this.#free.subarray(0, length);
    if (length === this.#free.length) {
      this.#size = Math.min(this.#size * 4, MAX_BYTES);
      this.#smallReads = 0;
    } else if (length >= this.#size / 8) this.#smallReads = 0;
    else if (++this.#smallReads === SMALL_READS) {
      this.#size = Math.max(this.#size / 4, MIN_BYTES);
      this.#smallReads = 0;
    }
    this.#free = this.#free.subarray(length);
    return chunk;
  }
}
