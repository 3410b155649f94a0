/** Numbers that are added at the end: a list of a million takes four megabytes. */
export class Numbers {
  #all: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#all.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.#all);
      this.#all = larger;
    }
    this.#all[this.length++] = value;
  }

  at(index: number): number {
    return this.#all[index]!;
  }

  /** A copy of all of them. */
  all(): Uint32Array<ArrayBuffer> {
    return this.#all.slice(0, this.length);
  }
}
