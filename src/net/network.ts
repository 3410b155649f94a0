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
import type { WebSocketServer } from "./websocket/mod.ts";

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
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS, tls, webSocket } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
  const to = addressWith(parseAddress(address), options);
  const below = addressBelow(to);
  const settings = tcpSettings(options, below);
  const client = tls !== undefined || hasTls(to)
    ? (await loadTls()).tlsClient(tls ?? {}, to)
    : undefined;
  const socket = webSocket !== undefined || isWebSocket(to)
    ? (await loadWebSocket()).webSocketClient(webSocket ?? {}, to)
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
    const secure = await client?.secure(transport, stop.signal) ?? transport;
    return new TransportConnection(
      await socket?.upgrade(secure, stop.signal) ?? secure,
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
  const { signal, onError, tls, webSocket } = options;
  const { handshakeTimeoutMs = TLS_HANDSHAKE_TIMEOUT_MS } = options;
  checkTimeLimit("handshakeTimeoutMs", handshakeTimeoutMs);
  const at = addressWith(parseAddress(address), options);
  const below = addressBelow(at);
  const settings = tcpSettings(options, below);
  if (tls === undefined && hasTls(at)) {
    throw new TypeError(
      `Cannot listen on ${
        formatAddress(at)
      }: expected tls, with cert and key in PEM`,
    );
  }
  const server = tls === undefined
    ? undefined
    : new (await loadTls()).TlsServer(tls, handshakeTimeoutMs);
  const sockets = webSocket !== undefined || isWebSocket(at)
    ? new (await loadWebSocket()).WebSocketServer(
      webSocket ?? {},
      at,
      handshakeTimeoutMs,
    )
    : undefined;
  signal?.throwIfAborted();
  const waiting = new WaitingConnections();
  const alarm = (error: unknown) => report(error, () => onError?.(error));
  const acceptor = await adapter.listen(
    below,
    settings,
    (transport) => {
      if (server === undefined && sockets === undefined) {
        return waiting.push(transport);
      }
      (async () => {
        const secure = await server?.secure(transport) ?? transport;
        waiting.push(await sockets?.upgrade(secure) ?? secure);
      })().catch(alarm);
    },
    alarm,
  );
  const taken = addressWith(acceptor.address, {
    ...options,
    ...(sockets !== undefined && { webSocket: { path: sockets.path } }),
  });
  return new AcceptingListener(
    { address: taken, close: () => acceptor.close() },
    waiting,
    server,
    sockets,
    signal,
  );
}

/** Loads WebSocket only where it is wanted. */
function loadWebSocket(): Promise<typeof import("./websocket/mod.ts")> {
  return import("./websocket/mod.ts");
}

function hasTls({ transport }: Address): boolean {
  return transport === "tls" || transport === "wss";
}

function isWebSocket({ transport }: Address): boolean {
  return transport === "ws" || transport === "wss";
}

/** The address, which says what there is over TCP. */
function addressWith(
  address: Address,
  { tls, webSocket }: Pick<ListenOptions | ConnectOptions, "tls" | "webSocket">,
): Address {
  if (!("hostname" in address) || address.transport === "udp") return address;
  const { hostname, port } = address;
  const isSecure = tls !== undefined || hasTls(address);
  const own = "path" in address ? address.path : undefined;
  const path = webSocket?.path ?? own ?? (webSocket && "/");
  return path === undefined
    ? { transport: isSecure ? "tls" : "tcp", hostname, port }
    : { transport: isSecure ? "wss" : "ws", hostname, port, path };
}

/** The address of the connection below TLS and WebSocket. */
function addressBelow(address: Address): Address {
  if (!("hostname" in address) || address.transport === "udp") return address;
  const { hostname, port } = address;
  return { transport: "tcp", hostname, port };
}

/** The accepted connections that wait for the iteration, or the other way round. */
export class WaitingConnections {
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

/** A listener over what accepts connections. */
export class AcceptingListener implements Listener {
  readonly #acceptor: Acceptor;
  readonly #waiting: WaitingConnections;
  readonly #tls: TlsServer | undefined;
  readonly #sockets: WebSocketServer | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #closing: Promise<void> | undefined;

  constructor(
    acceptor: Acceptor,
    waiting: WaitingConnections,
    tls: TlsServer | undefined,
    sockets: WebSocketServer | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#acceptor = acceptor;
    this.#waiting = waiting;
    this.#tls = tls;
    this.#sockets = sockets;
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
    const released = this.#acceptor.close();
    this.#tls?.close();
    this.#sockets?.close();
    this.#waiting.close();
    await released;
  }
}
