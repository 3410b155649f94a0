import type { Flow } from "./flow.ts";
import type { FlowKey } from "./flow_key.ts";

interface Entry<F> {
  readonly flow: F;
  readonly hash: number;
  readonly words: Int32Array;
  /** The next entry with the same hash. */
  next: Entry<F> | undefined;
  /** Whether it had a packet since the table last looked for one to forget. */
  isUsed: boolean;
}

/**
 * Finds the flow of a packet. A flow that is closed stays, so that late packets do not
 * open another one. If there are too many flows, one without packets for long goes.
 */
export class FlowTable<F extends Flow> {
  readonly #limit: number;
  readonly #entries = new Map<number, Entry<F>>();
  /** All entries, those that were replaced included. */
  readonly #slots: Entry<F>[] = [];
  /** The slot at which the search for an entry to forget goes on. */
  #hand = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The flow with this key. */
  find(key: FlowKey): F | undefined {
    const entry = this.#entryOf(key);
    if (entry === undefined) return undefined;
    entry.isUsed = true;
    return entry.flow;
  }

  /** Adds a flow, in the place of the one that has the same key. */
  set(key: FlowKey, flow: F, time: number): void {
    const { hash } = key;
    const replaced = this.#entryOf(key);
    if (replaced !== undefined) {
      this.#unlink(replaced);
      replaced.isUsed = false;
    }
    const words = key.words.slice(0, key.length);
    const next = this.#entries.get(hash);
    const entry = { flow, hash, words, next, isUsed: true };
    this.#entries.set(hash, entry);
    if (this.#slots.length < this.#limit) this.#slots.push(entry);
    else this.#slots[this.#freeSlot(time)] = entry;
  }

  /** Closes all flows, in the order in which they opened. */
  close(time: number): void {
    this.#slots.sort((a, b) => a.flow.number - b.flow.number);
    for (const { flow } of this.#slots) flow.close(time);
  }

  #entryOf(key: FlowKey): Entry<F> | undefined {
    let entry = this.#entries.get(key.hash);
    while (entry !== undefined && !key.equals(entry.words)) entry = entry.next;
    return entry;
  }

  /** Closes and forgets a flow that had no packet in the last round of all slots. */
  #freeSlot(time: number): number {
    for (;;) {
      const slot = this.#hand;
      this.#hand = (slot + 1) % this.#limit;
      const entry = this.#slots[slot]!;
      if (!entry.isUsed) {
        entry.flow.close(time);
        this.#unlink(entry);
        return slot;
      }
      entry.isUsed = false;
    }
  }

  /** Takes an entry out, if it has not been taken out before. */
  #unlink(entry: Entry<F>): void {
    const { hash, next } = entry;
    let before = this.#entries.get(hash);
    if (before === entry) {
      if (next === undefined) this.#entries.delete(hash);
      else this.#entries.set(hash, next);
      return;
    }
    while (before !== undefined && before.next !== entry) before = before.next;
    if (before !== undefined) before.next = next;
  }
}
