import { FrameError } from "../codec/errors.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { iteratorOf, leave } from "./iterator.ts";

/** A body that is being sent, which no frame may interrupt. */
export class SentBody {
  /** What `sendEncoded` was given meanwhile: it follows. */
  behind: Uint8Array[] = [];
  behindBytes = 0;
  /** Resolves when it has ended. */
  readonly ended: Deferred<void> = deferred();
  #failure: unknown;
  #onFailure: ((error: unknown) => void) | undefined;

  /** Keeps whole frames until the body has ended. */
  hold(bytes: Uint8Array): void {
    this.behind.push(bytes);
    this.behindBytes += bytes.length;
  }

  /** Nothing more can be sent. */
  fail(error: unknown): void {
    this.behind = [];
    this.behindBytes = 0;
    this.#failure = error;
    this.#onFailure?.(error);
  }

  /**
   * Sends exactly `length` bytes of a source.
   *
   * @param write Writes a piece, and settles when it is written.
   * @throws {FrameError} If the source has fewer bytes, or more.
   */
  async send(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    length: number,
    write: (bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const iterator = iteratorOf(source);
    let finished = false;
    try {
      let sent = 0;
      while (sent <= length) {
        const { done, value } = await this.#orFailure(iterator.next());
        if (done) {
          finished = true;
          break;
        }
        // It may have failed between the source's answer and this turn.
        if (this.#failure !== undefined) throw this.#failure;
        sent += value.length;
        if (sent > length) break;
        await write(value);
      }
      if (sent !== length) {
        throw new FrameError("LENGTH_INVALID", {
          reason: "The source does not have the length announced",
          expected: `${length} bytes`,
          got: sent < length ? `${sent} bytes` : "more",
        });
      }
    } finally {
      if (!finished) leave(iterator);
    }
  }

  /** Waits no longer than anything can be sent. */
  #orFailure<T>(waiting: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#onFailure = reject;
      waiting.then(resolve, reject);
    });
  }
}
