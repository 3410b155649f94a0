import { deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type { ByteChannel } from "../net/socket.ts";
import type { CloseInfo } from "../net/types.ts";

/** Bytes in and out: a connection, or any other pair of Web Streams. */
export interface ByteDuplex {
  /** The bytes that come in. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes that go out. */
  readonly writable: WritableStream<Uint8Array>;
}

/** What framed bytes go through, and how it ends. */
export interface ClosableChannel extends ByteChannel {
  readonly closed: Promise<CloseInfo>;
  close(): Promise<void>;
  abort(reason?: unknown): void;
}

/** A pair of Web Streams with the promises of one of our connections. */
export class StreamChannel implements ClosableChannel {
  readonly closed: Promise<CloseInfo>;

  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** When aborted, nothing waits for a write, which need not end by itself. */
  readonly #aborted = deferred<void>();
  #onAbort: ((error: unknown) => void) | undefined;
  #by: CloseInfo["by"] = "remote";
  #failure: unknown;

  constructor(duplex: ByteDuplex) {
    this.#reader = duplex.readable.getReader();
    this.#writer = duplex.writable.getWriter();
    const fail = (error: unknown) => {
      this.#failure ??= error;
    };
    const ended = Promise.all([
      this.#reader.closed.catch(fail),
      this.#writer.closed.catch(fail),
    ]);
    this.closed = Promise.race([ended, this.#aborted.promise]).then(() =>
      this.#failure === undefined
        ? { by: this.#by }
        : { by: this.#by, error: this.#failure }
    );
  }

  async read(): Promise<Uint8Array | null> {
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) {
        // A cancelled stream looks like one that has ended.
        if (this.#failure !== undefined) throw this.#failure;
        return null;
      }
      if (!(value instanceof Uint8Array)) {
        throw new TypeError(
          `Cannot decode the stream: expected chunks of Uint8Array, got ${typeof value}`,
        );
      }
      if (value.length > 0) return value;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const written = this.#writer.write(bytes);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onAbort = reject;
        written.then(resolve, reject);
      });
    } catch (error) {
      // Otherwise whoever waits for an answer would wait for ever.
      this.#fail(error);
      throw error;
    }
  }

  async closeWrite(): Promise<void> {
    await this.#writer.close();
  }

  async close(): Promise<void> {
    // After an abort, that would wait for a write that need not end.
    if (this.#failure !== undefined) return;
    this.#by = "local";
    await Promise.allSettled([this.#writer.close(), this.#reader.cancel()]);
  }

  abort(reason?: unknown): void {
    this.#by = "local";
    const error = reason ??
      new NetError("CONNECTION_CLOSED", "The connection was aborted");
    this.#fail(error);
    this.#onAbort?.(error);
  }

  /** Ends both sides. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#aborted.resolve();
    // Either may have failed before, which `closed` tells.
    const done = () => undefined;
    this.#writer.abort(error).then(done, done);
    this.#reader.cancel(error).then(done, done);
  }
}
