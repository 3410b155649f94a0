import { checkOptions, checkTimeLimit } from "../checks.ts";
import {
  CONNECT_TIMEOUT_MS,
  MAX_WAITING_CONNECTIONS,
  TLS_HANDSHAKE_TIMEOUT_MS,
} from "../defaults.ts";
import type { TlsServer } from "./adapters/tls/mod.ts";
import type { Acceptor, Adapter } from "./adapter.ts";
import {
  type Address,
  type AddressLike,
  formatAddress,
  parseAddress,
} from "./address.ts";
import { TransportConnection } from "./connection.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { NetError } from "./errors.ts";
import { connectKinds, listenKinds } from "./option_kinds.ts";
import { report } from "./report.ts";
import { tcpSettings } from "./tcp_settings.ts";
import { after } from "./timer.ts";
import { loadTls } from "./tls.ts";
import type { ServerCertificates } from "./tls_types.ts";
import type { Transport } from "./transport.ts";
import type {
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  Network,
} from "./types.ts";

/** Makes the network of an adapter. */
export function networkOf(adapter: Adapter): Network {
  return {
    connect: (address, options = {}) => connectWith(adapter, address, options),
    listen: (address, options = {}) => listenWith(adapter, address, options),
  };
}

async function connectWith(
  adapter: Adapter,
  address: AddressLike,
  options: ConnectOptions,
): Promise<Connection> {
  checkOptions("connect", options, connectKinds);
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS, tls } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
  const to = addressWith(parseAddress(address), tls);
  const below = addressBelow(to);
  const settings = tcpSettings(options, below);
  const client = tls !== undefined || to.transport === "tls"
    ? (await loadTls()).tlsClient(tls ?? {}, to)
    : undefined;
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const callOff = after(timeoutMs, () => {
    stop.abort(
      new NetError(
        "TIMED_OUT",
        `Cannot connect to ${formatAddress(to)}: no answer in ${timeoutMs} ms`,
      ),
    );
  });
  try {
    const transport = await adapter.connect(below, {
      ...settings,
      signal: stop.signal,
    });
    return new TransportConnection(
      await client?.secure(transport, stop.signal) ?? transport,
    );
  } finally {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  }
}

async function listenWith(
  adapter: Adapter,
  address: AddressLike,
  options: ListenOptions,
): Promise<Listener> {
  checkOptions("listen", options, listenKinds);
  const { signal, onError, tls } = options;
  const { handshakeTimeoutMs = TLS_HANDSHAKE_TIMEOUT_MS } = options;
  checkTimeLimit("handshakeTimeoutMs", handshakeTimeoutMs);
  const at = addressWith(parseAddress(address), tls);
  const below = addressBelow(at);
  const settings = tcpSettings(options, below);
  if (tls === undefined && at.transport === "tls") {
    throw new TypeError(
      `Cannot listen on ${
        formatAddress(at)
      }: expected tls, with cert and key in PEM`,
    );
  }
  const server = tls === undefined
    ? undefined
    : new (await loadTls()).TlsServer(tls, handshakeTimeoutMs);
  signal?.throwIfAborted();
  const waiting = new WaitingConnections();
  const alarm = (error: unknown) => report(error, () => onError?.(error));
  const acceptor = await adapter.listen(
    below,
    settings,
    (transport) => {
      if (server === undefined) return waiting.push(transport);
      server.secure(transport).then((secure) => waiting.push(secure), alarm);
    },
    alarm,
  );
  return new AcceptingListener(acceptor, waiting, server, signal);
}

/** The address, which says that there is TLS over TCP. */
function addressWith(address: Address, tls: unknown): Address {
  return tls !== undefined && address.transport === "tcp"
    ? { ...address, transport: "tls" }
    : address;
}

/** The address of the connection below TLS. */
function addressBelow(address: Address): Address {
  return address.transport === "tls"
    ? { ...address, transport: "tcp" }
    : address;
}

/** The accepted connections that wait for the iteration, or the other way round. */
class WaitingConnections {
  readonly #transports: Transport[] = [];
  readonly #takers: Deferred<Transport | null>[] = [];
  #closed = false;

  push(transport: Transport): void {
    if (this.#closed) return transport.abort();
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve(transport);
    if (this.#transports.length < MAX_WAITING_CONNECTIONS) {
      this.#transports.push(transport);
    } else transport.abort();
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

class AcceptingListener implements Listener {
  readonly #acceptor: Acceptor;
  readonly #waiting: WaitingConnections;
  readonly #tls: TlsServer | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #closing: Promise<void> | undefined;

  constructor(
    acceptor: Acceptor,
    waiting: WaitingConnections,
    tls: TlsServer | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#acceptor = acceptor;
    this.#waiting = waiting;
    this.#tls = tls;
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get address(): Address {
    return addressWith(this.#acceptor.address, this.#tls);
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
    const released = this.#acceptor.close();
    this.#tls?.close();
    this.#waiting.close();
    await released;
  }
}
