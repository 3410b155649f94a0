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
  #by: CloseInfo["by"] = "remote";
  #failure: unknown;

  constructor(duplex: ByteDuplex) {
    this.#reader = duplex.readable.getReader();
    this.#writer = duplex.writable.getWriter();
    const fail = (error: unknown) => {
      this.#failure ??= error;
    };
    this.closed = Promise.all([
      this.#reader.closed.catch(fail),
      this.#writer.closed.catch(fail),
    ]).then(() =>
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
      if (value.length > 0) return value;
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  async closeWrite(): Promise<void> {
    await this.#writer.close();
  }

  async close(): Promise<void> {
    this.#by = "local";
    await Promise.allSettled([this.#writer.close(), this.#reader.cancel()]);
  }

  abort(reason?: unknown): void {
    this.#by = "local";
    const error = reason ??
      new NetError("CONNECTION_CLOSED", "The connection was aborted");
    this.#failure ??= error;
    // Either may have failed before, which `closed` tells.
    const done = () => undefined;
    this.#writer.abort(error).then(done, done);
    this.#reader.cancel(error).then(done, done);
  }
}
