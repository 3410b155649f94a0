import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import { closedError } from "./runtime_errors.ts";
import { whenQuiet } from "./when_quiet.ts";

/** Bytes in and out: a connection, or any other pair of Web Streams. */
export interface ByteDuplex {
  /** The bytes that come in. Chunks can be an `ArrayBuffer` or any view of one. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes that go out. */
  readonly writable: WritableStream<Uint8Array>;
  /** Where this end is, if that is known. */
  readonly localAddress?: Address;
  /** Where the other end is, if that is known. */
  readonly remoteAddress?: Address;
}

const NOWHERE: Address = { transport: "memory", name: "" };

/**
 * A pair of Web Streams as a transport. The errors of the streams are passed on
 * unchanged. A stream that hangs (in `write`, `close` or `cancel`) does not delay
 * `close` and `abort`.
 */
export class StreamsTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #delivery = new Delivery();
  #bytesTaken = 0;
  #chunksRead = 0;
  #released = false;
  #readEnded = false;
  #writeEnded = false;
  #failure: { readonly error: unknown } | undefined;
  /** Settles when delivery may go on. */
  #paused: Deferred<void> | undefined;
  /** What rejects the write or the half-close that is under way. */
  #onFailure: ((error: unknown) => void) | undefined;

  /**
   * Takes over the streams.
   *
   * @throws {TypeError} If one of them is locked.
   */
  constructor(duplex: ByteDuplex) {
    const { readable, writable, localAddress, remoteAddress } = duplex;
    this.localAddress = localAddress ?? NOWHERE;
    this.remoteAddress = remoteAddress ?? NOWHERE;
    this.#reader = readable.getReader();
    try {
      this.#writer = writable.getWriter();
    } catch (error) {
      this.#reader.releaseLock();
      throw error;
    }
    this.#writer.closed.catch((error) => this.#writeFailed(error));
    // The read under way reports the error.
    this.#reader.closed.catch(() => undefined);
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    void this.#read();
  }

  pause(): void {
    this.#paused ??= deferred();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length === 0 && this.#failure === undefined) return undefined;
    return this.#orFail(async () => {
      // A copy, since the reader of the stream may keep the chunk.
      await this.#writer.write(bytes.slice());
      this.#bytesTaken += bytes.length;
    });
  }

  closeWrite(): Promise<void> {
    this.#writeEnded = true;
    return this.#orFail(() => this.#writer.close());
  }

  close(): void {
    this.#release(() => {
      const error = closedError();
      // `close` of the stream would wait for the write under way.
      if (this.#onFailure !== undefined) ignore(this.#writer.abort(error));
      else if (!this.#writeEnded) ignore(this.#writer.close());
      ignore(this.#reader.cancel(error));
    });
  }

  abort(): void {
    this.#release(() => {
      const error = closedError();
      ignore(this.#writer.abort(error));
      ignore(this.#reader.cancel(error));
    });
  }

  async #read(): Promise<void> {
    // The sink is told nothing before `open` has returned.
    await undefined;
    try {
      while (!this.#released) {
        if (this.#paused !== undefined) {
          await this.#paused.promise;
          continue;
        }
        const { done, value } = await this.#reader.read();
        if (done) break;
        const chunk = bytesOf(value);
        this.#chunksRead++;
        this.#delivery.data(chunk);
      }
      this.#readEnded = true;
      this.#delivery.end();
    } catch (error) {
      this.#readEnded = true;
      this.#fail(error);
      this.#delivery.fail(this.#failure?.error);
    }
  }

  /** Runs something; rejects at the latest when this transport fails. */
  async #orFail(run: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const { promise, reject } = deferred<never>();
    this.#onFailure = reject;
    try {
      await Promise.race([run(), promise]);
    } catch (error) {
      throw this.#writeFailed(error);
    } finally {
      if (this.#onFailure === reject) this.#onFailure = undefined;
    }
  }

  /**
   * Handles a failed write, and returns the first failure. The bytes that have arrived
   * are delivered before `fail`.
   */
  #writeFailed(error: unknown): unknown {
    if (this.#failure !== undefined) return this.#failure.error;
    this.#fail(error);
    const tell = () => {
      if (this.#paused === undefined) this.#delivery.fail(error);
      else void this.#paused.promise.then(wait);
    };
    const wait = () => whenQuiet(() => this.#chunksRead, tell);
    wait();
    return error;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#onFailure?.(error);
  }

  #release(release: () => void): void {
    if (this.#released) return;
    this.#released = true;
    this.#delivery.stop();
    release();
    this.#failure = undefined;
    this.#fail(closedError());
    this.resume();
  }
}

/** The bytes of a chunk. The streams of some sources give an `ArrayBuffer`. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  throw new TypeError(
    `Cannot decode the stream: expected chunks of Uint8Array, got ${typeof chunk}`,
  );
}

/** Ignores the result of a promise of a stream. */
function ignore(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
