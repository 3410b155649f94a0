const LEAST_BYTES = 1_024;
const MIDDLE_BYTES = 16_384;
const MOST_BYTES = 65_536;

/** For how many reads memory is allocated: an allocation costs more than a read. */
const READS = 4;

/**
 * The memory that is read into. A read needs its memory before anything has arrived,
 * so each connection holds some while it is idle: at most 16 KiB after small reads. A
 * connection that brings much is read 64 KiB at a time; when nothing more is there, it
 * waits with 1 KiB for what comes next. What was handed out is never written to again.
 */
export class ReadBuffer {
  /** How many bytes the next read is expected to bring. */
  #expected = 0;
  #size = 0;
  /** What is left of the memory; chunks are cut from its front. */
  #free: Uint8Array = new Uint8Array(0);
  /** Whether a connection that brings much has nothing more for now. */
  #isDrained = false;

  /** Returns the memory for the next read. */
  next(): Uint8Array {
    const wanted = this.#wanted();
    // With less room than this, what arrives together would be cut in two.
    const least = Math.max(LEAST_BYTES / 8, this.#expected * 1.25);
    if (
      this.#isDrained || this.#free.length < least || this.#size > 4 * wanted
    ) {
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
    if (!isFull) this.#expected = Math.max(length, this.#expected * 0.875);
    // More was there than there was room for. After a drain that was known.
    else if (!this.#isDrained) {
      this.#expected = Math.min(4 * length, MOST_BYTES / 2);
    }
    this.#isDrained = !isFull && this.#expected > MIDDLE_BYTES / 2;
    return chunk;
  }

  #wanted(): number {
    if (this.#isDrained) return LEAST_BYTES;
    if (this.#expected > MIDDLE_BYTES / 2) return MOST_BYTES;
    let size = LEAST_BYTES;
    while (size < READS * this.#expected && size < MIDDLE_BYTES) size *= 2;
    return size;
  }
}
