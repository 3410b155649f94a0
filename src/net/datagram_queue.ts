import type { Datagram, ReceiveOptions } from "./datagram.ts";
import { type Deferred, deferred } from "./deferred.ts";

/** What a datagram costs besides its data: an empty one is not free. */
export const DATAGRAM_OVERHEAD = 256;

/** The datagrams that nobody has received yet, and those who wait for one. */
export class DatagramQueue {
  readonly #maxBytes: number;
  readonly #datagrams: Datagram[] = [];
  readonly #waiting = new Set<Deferred<Datagram | undefined>>();
  #heldBytes = 0;
  #dropped = 0;
  #ended = false;
  #failure: unknown;

  /** Makes a queue that holds so many bytes, and always one datagram. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a datagram; drops it where there is no room. */
  push(datagram: Datagram): void {
    if (this.#ended) return;
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      waiting.resolve(datagram);
      return;
    }
    const cost = costOf(datagram);
    const full = this.#heldBytes + cost > this.#maxBytes;
    if (full && this.#datagrams.length > 0) {
      this.#dropped++;
      return;
    }
    this.#datagrams.push(datagram);
    this.#heldBytes += cost;
  }

  /** The next datagram; `undefined` at the end. */
  async receive(
    { signal }: ReceiveOptions = {},
  ): Promise<Datagram | undefined> {
    signal?.throwIfAborted();
    const datagram = this.#datagrams.shift();
    if (datagram !== undefined) {
      this.#heldBytes -= costOf(datagram);
      return datagram;
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#ended) return undefined;
    const waiting = deferred<Datagram | undefined>();
    const onAbort = () => {
      this.#waiting.delete(waiting);
      waiting.reject(signal?.reason);
    };
    this.#waiting.add(waiting);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await waiting.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** The socket was closed: what nobody has received is gone. */
  end(): void {
    this.#ended = true;
    this.#datagrams.length = 0;
    for (const waiting of this.#waiting) waiting.resolve(undefined);
    this.#waiting.clear();
  }

  /** The socket broke: what has arrived can still be received. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = error;
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
  }
}

function costOf({ data }: Datagram): number {
  return data.length + DATAGRAM_OVERHEAD;
}
