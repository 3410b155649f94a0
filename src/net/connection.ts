import type { Address } from "./address.ts";
import { Channel } from "./channel.ts";
import { ConnectionStreams } from "./connection_streams.ts";
import type { TlsInfo } from "./tls_types.ts";
import type { Transport } from "./transport.ts";
import type { CloseInfo, Connection } from "./types.ts";

/** A {@linkcode Connection} over a transport. */
export class TransportConnection implements Connection {
  readonly #channel: Channel;
  #streams: ConnectionStreams | undefined;
  #taken = false;

  /** Makes the connection of a transport, which belongs to it from then on. */
  constructor(transport: Transport) {
    this.#channel = new Channel(transport);
  }

  get localAddress(): Address {
    return this.#channel.localAddress;
  }

  get remoteAddress(): Address {
    return this.#channel.remoteAddress;
  }

  get tls(): TlsInfo | undefined {
    return this.#channel.tls;
  }

  get closed(): Promise<CloseInfo> {
    return this.#channel.closed;
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#useStreams().readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#useStreams().writable;
  }

  /**
   * Hands the channel to a link. The streams cannot be used afterwards.
   *
   * @throws {TypeError} If the connection is in use already.
   */
  takeChannel(): Channel {
    if (this.#streams !== undefined || this.#taken) {
      throw new TypeError("Cannot use the connection: it is in use already");
    }
    this.#taken = true;
    return this.#channel;
  }

  closeWrite(): Promise<void> {
    return this.#channel.closeWrite();
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  abort(reason?: unknown): void {
    this.#channel.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #useStreams(): ConnectionStreams {
    if (this.#taken) {
      throw new TypeError("Cannot use the streams: the connection is in use");
    }
    if (this.#streams === undefined) {
      this.#streams = new ConnectionStreams(this.#channel);
      this.#channel.use(this.#streams);
    }
    return this.#streams;
  }
}
