import type { Receiver } from "./receiver.ts";

/**
 * The frames that have arrived, as a synchronous iterable. Frames that the loop does
 * not take stay with the receiver.
 */
class Batch<Out> implements Iterable<Out>, Iterator<Out, undefined> {
  readonly #receiver: Receiver<Out>;

  constructor(receiver: Receiver<Out>) {
    this.#receiver = receiver;
  }

  next(): IteratorResult<Out, undefined> {
    const value = this.#receiver.take();
    return value === undefined
      ? { done: true, value: undefined }
      : { done: false, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** All frames, in the batches in which they arrive. */
export function batchesOf<Out>(
  receiver: Receiver<Out>,
): AsyncIterableIterator<Iterable<Out>, undefined, void> {
  const more = { done: false, value: new Batch(receiver) } as const;
  const over = { done: true, value: undefined } as const;
  return {
    next: () =>
      new Promise((resolve, reject) => {
        receiver.ready({
          wake: () => resolve(more),
          end: () => resolve(over),
          fail: reject,
        });
      }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
