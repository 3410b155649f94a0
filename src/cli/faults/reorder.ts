/** What leaves a {@linkcode Reorder}. */
export interface Reordered<T> {
  readonly item: T;
  /** Whether an item that came later has left before it. */
  readonly isOvertaken: boolean;
}

interface Held<T> {
  readonly item: T;
  readonly number: number;
  /** How many more items it lets pass. */
  left: number;
}

/** Holds items back so that later ones overtake them. */
export class Reorder<T> {
  #held: Held<T>[] = [];
  #taken = 0;
  /** The number of the latest item that has left. */
  #latest = 0;

  /** Whether no item is held back. */
  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** Takes an item that lets so many pass, and returns those that leave now. */
  push(item: T, places: number): Reordered<T>[] {
    for (const held of this.#held) held.left--;
    this.#held.push({ item, number: ++this.#taken, left: places });
    const due = this.#held.filter(({ left }) => left === 0);
    if (due.length > 0) this.#held = this.#held.filter(({ left }) => left > 0);
    // The latest has waited for nothing, so it leaves first.
    due.sort((a, b) => b.number - a.number);
    return due.map((held) => this.#leave(held));
  }

  /** Returns all that is held back, in its order. */
  flush(): Reordered<T>[] {
    const held = this.#held;
    this.#held = [];
    return held.map((one) => this.#leave(one));
  }

  #leave({ item, number }: Held<T>): Reordered<T> {
    const isOvertaken = number < this.#latest;
    this.#latest = Math.max(this.#latest, number);
    return { item, isOvertaken };
  }
}
