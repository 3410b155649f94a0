import { checkOptions, checkTimeLimit } from "../checks.ts";
import { CONNECT_TIMEOUT_MS, TLS_HANDSHAKE_TIMEOUT_MS } from "../defaults.ts";
import { emptyQueue } from "./accept_queue.ts";
import { AcceptingListener, WaitingConnections } from "./accepting_listener.ts";
import type { Adapter } from "./adapter.ts";
import { type Address, type AddressLike, formatAddress } from "./address.ts";
import { TransportConnection } from "./connection.ts";
import { connectKinds, listenKinds } from "./option_kinds.ts";
import { parseAddress } from "./parse_address.ts";
import { report } from "./report.ts";
import { tcpSettings } from "./tcp_settings.ts";
import { loadTls } from "./tls.ts";
import type {
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  Network,
} from "./types.ts";
import { withinTime } from "./within_time.ts";

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
  return await withinTime(to, timeoutMs, signal, async (signal) => {
    const transport = await adapter.connect(below, { ...settings, signal });
    const secure = await client?.secure(transport, signal) ?? transport;
    return new TransportConnection(
      await socket?.upgrade(secure, signal) ?? secure,
    );
  });
}

async function listenWith(
  adapter: Adapter,
  address: AddressLike,
  options: ListenOptions,
): Promise<Listener> {
  checkOptions("listen", options, listenKinds);
  const { signal, onError, tls, webSocket, proxyProtocol } = options;
  const { reusePort = false } = options;
  const { handshakeTimeoutMs = TLS_HANDSHAKE_TIMEOUT_MS } = options;
  checkTimeLimit("handshakeTimeoutMs", handshakeTimeoutMs);
  const at = addressWith(parseAddress(address), options);
  const below = addressBelow(at);
  const settings = { ...tcpSettings(options, below), reusePort };
  if (reusePort && below.transport !== "tcp") {
    throw new TypeError(
      `Cannot use reusePort with ${
        formatAddress(at)
      }: only TCP sockets have it`,
    );
  }
  if (tls === undefined && hasTls(at)) {
    throw new TypeError(
      `Cannot listen on ${
        formatAddress(at)
      }: expected tls, with cert and key in PEM`,
    );
  }
  const proxies = proxyProtocol === undefined
    ? undefined
    : new (await loadProxyProtocol()).ProxyServer(
      proxyProtocol,
      handshakeTimeoutMs,
    );
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
  const alarm = (error: unknown, peer?: Address) =>
    report(error, () => onError?.(error, peer));
  const waiting = new WaitingConnections(alarm);
  let accepted = 0;
  const hasHandshake = proxies !== undefined || server !== undefined ||
    sockets !== undefined;
  const acceptor = await adapter.listen(
    below,
    settings,
    (transport) => {
      accepted++;
      if (!hasHandshake) return waiting.push(transport);
      let client = transport;
      (async () => {
        client = await proxies?.accept(transport) ?? transport;
        const secure = await server?.secure(client) ?? client;
        waiting.push(await sockets?.upgrade(secure) ?? secure);
      })().catch((error) => alarm(error, client.remoteAddress));
    },
    alarm,
  );
  const taken = addressWith(acceptor.address, {
    ...options,
    ...(sockets !== undefined && { webSocket: { path: sockets.path } }),
  });
  return new AcceptingListener(
    {
      address: taken,
      async close() {
        if (reusePort) await emptyQueue(() => accepted);
        await acceptor.close();
      },
    },
    waiting,
    server,
    [proxies, server, sockets],
    signal,
  );
}

/** Loads the PROXY protocol only where it is wanted. */
function loadProxyProtocol(): Promise<
  typeof import("./proxy_protocol/server.ts")
> {
  return import("./proxy_protocol/server.ts");
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
