const LEAST_BYTES = 1_024;
const MOST_BYTES = 65_536;

/** For how many reads memory is allocated at once: an allocation costs more than a read. */
const READS = 4;

/**
 * The memory that is read into. A read needs its memory before anything has
 * arrived, so each idle connection holds some: 1 KiB, and up to 64 KiB while reads
 * bring much. What was handed out is never written to again.
 */
export class ReadBuffer {
  /** How many bytes the next read is expected to bring. */
  #expected = 0;
  #size = 0;
  /** What is left of the memory; chunks are cut from its front. */
  #free: Uint8Array = new Uint8Array(0);

  /** Returns the memory for the next read. */
  next(): Uint8Array {
    const wanted = sizeFor(this.#expected * READS);
    // With less room than this, what arrives together would be cut in two.
    const least = Math.max(LEAST_BYTES / 8, this.#expected * 1.25);
    if (this.#free.length < least || this.#size > 4 * wanted) {
      this.#size = wanted;
      this.#free = new Uint8Array(wanted);
    }
    return this.#free;
  }

  /** Returns the chunk that was read, of so many bytes. It belongs to the caller. */
  take(length: number): Uint8Array {
    const chunk = this.#free.subarray(0, length);
    const isFull = length === this.#free.length;
    this.#free = this.#free.subarray(length);
    // More was there than there was room for.
    if (isFull) this.#expected = Math.min(2 * length, MOST_BYTES / 2);
    else this.#expected = Math.max(length, this.#expected * 0.75);
    return chunk;
  }
}

function sizeFor(length: number): number {
  let size = LEAST_BYTES;
  while (size < length && size < MOST_BYTES) size *= 2;
  return size;
}
