/** Where the reads of a stream began: what is still needed of it. */
export class Reads {
  /** The offsets of those that are kept, in ascending order. */
  #starts: number[] = [];
  /** How many are not kept any more. */
  #forgotten = 0;
  #end: number;

  /** Begins at an offset of the stream. */
  constructor(start = 0) {
    this.#end = start;
  }

  /** How many there were. */
  get count(): number {
    return this.#forgotten + this.#starts.length;
  }

  /** Where the next one begins. */
  get end(): number {
    return this.#end;
  }

  /** Adds a read of so many bytes. */
  add(length: number): void {
    this.#starts.push(this.#end);
    this.#end += length;
  }

  /** The number of the read, from 1 on, that a byte came in. */
  numberOf(offset: number): number {
    return this.#forgotten + this.#countUpTo(offset);
  }

  /** Where reads began in a range. */
  marksIn(from: number, to: number): number[] {
    return this.#starts.slice(
      this.#countUpTo(from - 1),
      this.#countUpTo(to - 1),
    );
  }

  /** Forgets the reads before the one that a byte came in. */
  forgetBefore(offset: number): void {
    const unneeded = Math.max(0, this.#countUpTo(offset) - 1);
    if (unneeded === 0) return;
    this.#starts = this.#starts.slice(unneeded);
    this.#forgotten += unneeded;
  }

  /** How many of those kept began at an offset or before it. */
  #countUpTo(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
