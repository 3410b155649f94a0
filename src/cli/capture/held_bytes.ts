/** What holds bytes that wait for those ahead of them. */
export interface Holder {
  /** Gives up its first gap, and hands out what follows it. */
  giveUpGap(time: number): void;
}

/** How much all streams of a reader hold together, and its limit. */
export class HeldBytes {
  readonly #limit: number;
  #size = 0;
  /** In the order in which they began to hold something. */
  readonly #holders = new Set<Holder>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts what a stream holds in addition. */
  add(holder: Holder, size: number): void {
    this.#size += size;
    this.#holders.add(holder);
  }

  /** Counts what a stream has handed out. */
  remove(holder: Holder, size: number, isEmpty: boolean): void {
    this.#size -= size;
    if (isEmpty) this.#holders.delete(holder);
  }

  /** Past the limit, makes those give up whose gaps have been open for longest. */
  enforce(time: number): void {
    for (const oldest of this.#holders) {
      while (this.#size > this.#limit && this.#holders.has(oldest)) {
        oldest.giveUpGap(time);
      }
      if (this.#size <= this.#limit) return;
    }
  }
}
