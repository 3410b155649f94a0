import type { Address } from "./address.ts";
import { ConnectionStreams } from "./connection_streams.ts";
import { deferred } from "./deferred.ts";
import { NetError } from "./errors.ts";
import type { ByteChannel, Socket } from "./socket.ts";
import type { CloseInfo, Connection } from "./types.ts";

/** How long a closing connection waits for the peer's end, in milliseconds. */
const LINGER_MS = 2_000;

/**
 * A {@linkcode Connection} over a runtime's socket: all that is the same on
 * every runtime (half-close, lingering close, who closed and why, the streams)
 * is here, once.
 */
export class SocketConnection implements Connection, ByteChannel {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly closed: Promise<CloseInfo>;

  readonly #socket: Socket;
  readonly #settleClosed: (info: CloseInfo) => void;
  /** Why nothing can be read or written any more, once that is so. */
  #failure: unknown;
  #released = false;
  /** Whether the peer's end has been seen. */
  #readEnded = false;
  /** Whether nobody reads any more; the peer may go on sending. */
  #readCancelled = false;
  #writeEnded = false;
  #firstToEnd: CloseInfo["by"] = "local";
  #reading: Promise<Uint8Array | null> | undefined;
  #writing: Promise<void> | undefined;
  #closingWrite: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #streams: ConnectionStreams | undefined;
  #taken = false;

  /** Takes over a socket: nobody else may use it after. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddress = socket.localAddress;
    this.remoteAddress = socket.remoteAddress;
    const { promise, resolve } = deferred<CloseInfo>();
    this.closed = promise;
    this.#settleClosed = resolve;
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#useStreams().readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#useStreams().writable;
  }

  /**
   * Claims the connection for reading and writing without its streams. The
   * streams cannot be used after.
   */
  takeChannel(): this {
    if (this.#streams !== undefined || this.#taken) {
      throw new TypeError("Cannot use the connection: it is in use already");
    }
    this.#taken = true;
    return this;
  }

  read(): Promise<Uint8Array | null> {
    const over = this.#readEnded || this.#readCancelled;
    if (over || this.#closing !== undefined) {
      return this.#failure === undefined
        ? Promise.resolve(null)
        : Promise.reject(this.#failure);
    }
    return this.#read();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#writeEnded) {
      return Promise.reject(
        new NetError(
          "CONNECTION_CLOSED",
          "Cannot write: this side of the connection is closed",
        ),
      );
    }
    const written = this.#socket.write(bytes);
    if (written === undefined) return undefined;
    this.#writing = written.then(
      () => {
        this.#writing = undefined;
      },
      (error) => {
        this.#writing = undefined;
        throw this.#fail(error);
      },
    );
    return this.#writing;
  }

  closeWrite(): Promise<void> {
    return this.#closingWrite ??= this.#closeWrite();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /**
   * Says that nobody will read any more. What still comes is held back by the
   * system, and read only to be thrown away when this side ends, too: unread
   * bytes would have the system reset the connection, and drop what was written.
   */
  cancelRead(): void {
    this.#readCancelled = true;
    if (this.#writeEnded) void this.close();
  }

  abort(reason?: unknown): void {
    if (this.#released) return;
    const error = reason ??
      new NetError("CONNECTION_CLOSED", "The connection was aborted");
    this.#release({ by: "local", error });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #useStreams(): ConnectionStreams {
    if (this.#taken) {
      throw new TypeError("Cannot use the streams: the connection is in use");
    }
    return this.#streams ??= new ConnectionStreams(this);
  }

  async #read(): Promise<Uint8Array | null> {
    try {
      this.#reading = this.#socket.read();
      const chunk = await this.#reading;
      if (chunk === null) {
        if (!this.#writeEnded) this.#firstToEnd = "remote";
        this.#readEnded = true;
        if (this.#writeEnded) this.#release({ by: this.#firstToEnd });
      }
      return chunk;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#reading = undefined;
    }
  }

  async #closeWrite(): Promise<void> {
    await this.#streams?.flushed();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    try {
      await this.#socket.closeWrite();
    } catch (error) {
      throw this.#fail(error);
    }
    if (this.#readEnded) this.#release({ by: this.#firstToEnd });
    else if (this.#readCancelled) void this.close();
  }

  async #close(): Promise<void> {
    let lingering: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.closeWrite();
      lingering = setTimeout(
        () => this.#release({ by: this.#firstToEnd }),
        LINGER_MS,
      );
      while (!this.#readEnded) {
        // What is being read already goes to whoever asked for it.
        await (this.#reading ?? this.#read());
      }
    } catch {
      // `closed` tells of the failure, and so does the write that it cut short.
    } finally {
      clearTimeout(lingering);
      this.#release({ by: this.#firstToEnd });
    }
  }

  /** Ends the connection for an error of the socket, and returns that error. */
  #fail(error: unknown): unknown {
    if (!this.#released) this.#release({ by: "remote", error });
    return this.#failure ?? error;
  }

  /** Gives the socket back; says so once. */
  #release(info: CloseInfo): void {
    if (this.#released) return;
    this.#released = true;
    this.#readEnded = this.#writeEnded = true;
    if (info.error === undefined) {
      this.#socket.close();
    } else {
      this.#failure = info.error;
      this.#socket.abort();
      this.#streams?.fail(info.error);
    }
    this.#settleClosed(info);
  }
}
