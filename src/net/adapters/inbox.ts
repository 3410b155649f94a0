import { type Deferred, deferred } from "../deferred.ts";
import type { NetError } from "../errors.ts";

/** Above this many bytes nobody has read yet, the sender is held back. */
const HIGH_WATER_MARK = 65_536;

/** What holds back the sender, and lets it go on. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * The received bytes that nobody has read yet: chunks are pushed in, as the
 * runtime delivers them, and pulled out with `read`.
 */
export class Inbox {
  readonly #flow: Flow;
  readonly #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #paused = false;
  #ended = false;
  #failure: NetError | undefined;
  #reader: Deferred<Uint8Array | null> | undefined;

  /** Makes an inbox that holds back its sender by the given means. */
  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** Why the connection does not work any more. */
  get failure(): NetError | undefined {
    return this.#failure;
  }

  /** How many bytes wait to be read. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The next chunk; `null` at the end. */
  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#heldBytes -= chunk.length;
      if (this.#paused && this.#heldBytes === 0) {
        this.#paused = false;
        this.#flow.resume();
      }
      return Promise.resolve(chunk);
    }
    if (this.#ended) return Promise.resolve(null);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#reader = deferred();
    return this.#reader.promise;
  }

  /** Takes a chunk that is nobody else's. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#failure !== undefined) return;
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (!this.#paused && this.#heldBytes > HIGH_WATER_MARK) {
      this.#paused = true;
      this.#flow.pause();
    }
  }

  /** No more chunks will come. */
  end(): void {
    if (this.#failure !== undefined) return;
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = undefined;
  }

  /** The connection broke: what has arrived can still be read. */
  fail(error: NetError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  /** The connection was closed on this side: nothing can be read any more. */
  close(error: NetError): void {
    this.#chunks.length = this.#heldBytes = 0;
    this.#paused = this.#ended = false;
    this.#failure = undefined;
    this.fail(error);
  }
}
