import { type Deferred, deferred } from "./deferred.ts";

/** What an item is counted for besides its bytes: an empty one is not free. */
export const ITEM_OVERHEAD = 256;

/** Options of {@linkcode BoundedQueue}. */
export interface BoundedQueueOptions<T> {
  /**
   * How many bytes may be held before the source is paused. `Infinity` never
   * pauses it; 0 pauses it whenever an item is held.
   */
  readonly highWaterMark: number;
  /** The bytes of an item. {@linkcode ITEM_OVERHEAD} is added to each. */
  readonly sizeOf: (item: T) => number;
  /** Is called when more is held than `highWaterMark`. */
  readonly pause?: () => void;
  /** Is called, after `pause`, when no more than half of the mark is held. */
  readonly resume?: () => void;
}

/** An item with what it was counted for when it came. */
interface Held<T> {
  readonly item: T;
  readonly cost: number;
}

/** A reader that waits for an item. */
interface Reader<T> extends Deferred<T | undefined> {
  /** Removes the abort listener. */
  readonly release: () => void;
}

/**
 * A first-in, first-out queue between a source that pushes and readers that pull.
 * It counts the bytes it holds, and pauses the source above a high-water mark.
 * The mark is not a hard limit: what is pushed nevertheless is kept. All
 * operations take constant time.
 *
 * The states of the source, for a queue that is open:
 *
 * ```text
 * running --[heldBytes > highWaterMark]--------> pause()  -> paused
 * paused  --[heldBytes <= highWaterMark / 2]---> resume() -> running
 * ```
 *
 * After `end` or `fail` neither is called any more, and nothing is taken in.
 */
export class BoundedQueue<T extends NonNullable<unknown> | null> {
  readonly #options: BoundedQueueOptions<T>;
  readonly #items = new LinkedList<Held<T>>();
  readonly #readers = new LinkedList<Reader<T>>();
  #heldBytes = 0;
  #paused = false;
  #end: { readonly error?: unknown } | undefined;

  /** Makes an empty queue. */
  constructor(options: BoundedQueueOptions<T>) {
    this.#options = options;
  }

  /** How many items are held. */
  get size(): number {
    return this.#items.size;
  }

  /** What the items held are counted for, together. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether the source is paused. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether `end` or `fail` was called; items may still be held. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Whether an item can be pushed and the queue stays below its mark. An empty
   * queue has room for any item. A source that cannot be paused drops the others.
   */
  hasRoomFor(item: T): boolean {
    if (this.#readers.size > 0 || this.#items.size === 0) return true;
    return this.#heldBytes + this.#costOf(item) <= this.#options.highWaterMark;
  }

  /**
   * Gives an item to the reader that has waited longest, or holds it. An ended
   * queue ignores it.
   *
   * @returns Whether more may come: `false` above the mark, and after the end.
   */
  push(item: T): boolean {
    if (this.#end !== undefined) return false;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.release();
      reader.resolve(item);
      return true;
    }
    const cost = this.#costOf(item);
    this.#items.push({ item, cost });
    this.#heldBytes += cost;
    if (!this.#paused && this.#heldBytes > this.#options.highWaterMark) {
      this.#paused = true;
      this.#options.pause?.();
    }
    return this.#heldBytes <= this.#options.highWaterMark;
  }

  /** Takes the first item; `undefined` where none is held. */
  take(): T | undefined {
    const held = this.#items.shift();
    if (held === undefined) return undefined;
    this.#release(held.cost);
    return held.item;
  }

  /**
   * Takes the first item, or waits for one. Readers are answered in the order of
   * their calls.
   *
   * @param options.signal Gives up waiting. The next item is for another reader.
   * @returns The item; `undefined` at the end. Rejects with the error of `fail`
   * when all items have been taken, and with the reason of the signal.
   */
  next(
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<T | undefined> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#items.size > 0) return Promise.resolve(this.take());
    if (this.#end !== undefined) {
      return "error" in this.#end
        ? Promise.reject(this.#end.error)
        : Promise.resolve(undefined);
    }
    const waiting = deferred<T | undefined>();
    const onAbort = () => {
      this.#readers.remove(node);
      waiting.reject(signal?.reason);
    };
    const node = this.#readers.push({
      ...waiting,
      release: () => signal?.removeEventListener("abort", onAbort),
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    return waiting.promise;
  }

  /** Nothing more will come. Readers get what is held first. */
  end(): void {
    this.#finish({});
  }

  /** The source broke. Readers get what is held first, and then the error. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** Drops what is held, which resumes a paused source. */
  clear(): void {
    this.#items.clear();
    this.#release(this.#heldBytes);
  }

  #costOf(item: T): number {
    return this.#options.sizeOf(item) + ITEM_OVERHEAD;
  }

  #release(cost: number): void {
    this.#heldBytes -= cost;
    if (!this.#paused) return;
    if (this.#heldBytes > this.#options.highWaterMark / 2) return;
    this.#paused = false;
    if (this.#end === undefined) this.#options.resume?.();
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (
      let reader = this.#readers.shift();
      reader !== undefined;
      reader = this.#readers.shift()
    ) {
      reader.release();
      if ("error" in end) reader.reject(end.error);
      else reader.resolve(undefined);
    }
  }
}

interface LinkedNode<T> {
  readonly value: T;
  previous: LinkedNode<T> | undefined;
  next: LinkedNode<T> | undefined;
}

/**
 * A list whose every operation takes constant time, removal in the middle too.
 * An array is slow at its front, a `Set` is slow to find its first entry after
 * many have been deleted.
 */
class LinkedList<T> {
  #first: LinkedNode<T> | undefined;
  #last: LinkedNode<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(value: T): LinkedNode<T> {
    const node = { value, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size++;
    return node;
  }

  shift(): T | undefined {
    const node = this.#first;
    if (node === undefined) return undefined;
    this.remove(node);
    return node.value;
  }

  /** Removes a node, which must be in the list. */
  remove({ previous, next }: LinkedNode<T>): void {
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    this.#size--;
  }

  clear(): void {
    this.#first = this.#last = undefined;
    this.#size = 0;
  }
}
