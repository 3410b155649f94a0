import { MAX_WAITING_CONNECTIONS } from "../defaults.ts";
import type { TlsServer } from "./adapters/tls/mod.ts";
import type { Acceptor } from "./adapter.ts";
import type { Address } from "./address.ts";
import { TransportConnection } from "./connection.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { NetError } from "./errors.ts";
import type { ServerCertificates } from "./tls_types.ts";
import type { Transport } from "./transport.ts";
import type { Connection, Listener } from "./types.ts";

/** The accepted connections that wait for the iteration, or the other way round. */
export class WaitingConnections {
  readonly #onRefused: (error: NetError, peer: Address) => void;
  readonly #transports: Transport[] = [];
  readonly #takers: Deferred<Transport | null>[] = [];
  #closed = false;

  /** Takes what is told of each connection that finds no room. It does not throw. */
  constructor(onRefused: (error: NetError, peer: Address) => void) {
    this.#onRefused = onRefused;
  }

  push(transport: Transport): void {
    if (this.#closed) return transport.abort();
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve(transport);
    if (this.#transports.length < MAX_WAITING_CONNECTIONS) {
      this.#transports.push(transport);
      return;
    }
    transport.abort();
    this.#onRefused(
      new NetError(
        "CONNECTION_REFUSED",
        `Cannot take more connections: ${MAX_WAITING_CONNECTIONS} wait for the program already (maxWaitingConnections)`,
        { limit: "maxWaitingConnections" },
      ),
      transport.remoteAddress,
    );
  }

  /** The next connection; `null` after `close`. */
  take(): Promise<Transport | null> {
    const transport = this.#transports.shift();
    if (transport !== undefined) return Promise.resolve(transport);
    if (this.#closed) return Promise.resolve(null);
    const taker = deferred<Transport | null>();
    this.#takers.push(taker);
    return taker.promise;
  }

  close(): void {
    this.#closed = true;
    // No iteration will take these.
    for (const transport of this.#transports.splice(0)) transport.abort();
    for (const taker of this.#takers.splice(0)) taker.resolve(null);
  }
}

/** What has handshakes under way. */
interface Closeable {
  close(): void;
}

/** A listener over what accepts connections. */
export class AcceptingListener implements Listener {
  readonly #acceptor: Acceptor;
  readonly #waiting: WaitingConnections;
  readonly #tls: TlsServer | undefined;
  readonly #handshakes: readonly (Closeable | undefined)[];
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #closing: Promise<void> | undefined;

  /**
   * Takes what accepts, those that wait, the side of TLS that takes other certificates,
   * and all that has handshakes to end.
   */
  constructor(
    acceptor: Acceptor,
    waiting: WaitingConnections,
    tls: TlsServer | undefined,
    handshakes: readonly (Closeable | undefined)[],
    signal: AbortSignal | undefined,
  ) {
    this.#acceptor = acceptor;
    this.#waiting = waiting;
    this.#tls = tls;
    this.#handshakes = handshakes;
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get address(): Address {
    return this.#acceptor.address;
  }

  setCertificate(certificates: ServerCertificates): void {
    if (this.#tls === undefined) {
      throw new TypeError(
        "Cannot set the certificate: the listener has no TLS (tls)",
      );
    }
    this.#tls.setCertificate(certificates);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Connection> {
    try {
      while (true) {
        const transport = await this.#waiting.take();
        if (transport === null) return;
        yield new TransportConnection(transport);
      }
    } finally {
      await this.close();
    }
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    try {
      // It may go on accepting until then.
      await this.#acceptor.close();
    } finally {
      for (const handshakes of this.#handshakes) handshakes?.close();
      this.#waiting.close();
    }
  }
}
