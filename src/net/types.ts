import type { Address, AddressLike } from "./address.ts";
import type {
  ClientTls,
  ServerCertificates,
  ServerTls,
  TlsInfo,
} from "./tls_types.ts";
import type { ClientWebSocket, ServerWebSocket } from "./websocket_types.ts";

/** How a connection ended. */
export interface CloseInfo {
  /**
   * Which side ended it: `"local"` is this one (`close`, `abort`, a time limit),
   * `"remote"` the peer (its end, its reset). With `"failure"`, the network between
   * them failed.
   */
  readonly by: "local" | "remote" | "failure";
  /**
   * Why it did not end cleanly: a `NetError`, the reason given to `abort`, or the
   * `FrameError` of bytes that were not a frame. Absent if both sides have closed
   * in good order.
   */
  readonly error?: unknown;
}

/**
 * A byte stream in both directions. The shape follows WinterTC's sockets
 * proposal (<https://sockets-api.proposal.wintertc.org/>).
 */
export interface Connection extends AsyncDisposable {
  /**
   * The bytes from the peer. Ends when the peer has closed its side; errors
   * with a `NetError` when the connection broke.
   */
  readonly readable: ReadableStream<Uint8Array>;
  /**
   * The bytes to the peer. Closing it closes this side only (half-close);
   * aborting it aborts the connection, so that the peer cannot take a cut
   * message for a whole one.
   */
  readonly writable: WritableStream<Uint8Array>;
  /** Where this end is. */
  readonly localAddress: Address;
  /** Where the other end is. */
  readonly remoteAddress: Address;
  /** What was agreed on in the TLS handshake; `undefined` on a connection without. */
  readonly tls?: TlsInfo | undefined;
  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Half-close: tells the peer, after everything that was written, that no more
   * bytes will come. Reading goes on. The connection is closed when the peer has
   * closed its side too.
   */
  closeWrite(): Promise<void>;
  /**
   * Closes in good order: writes everything, half-closes, and goes on reading until
   * the peer has closed its side too, since a socket that is closed with unread
   * bytes loses what was written. A peer that is silent for two seconds is not
   * waited for. A peer that takes no bytes, or goes on sending, for 30 seconds is
   * cut; then `closed` has an error. Can be called again at any time.
   */
  close(): Promise<void>;
  /** Ends the connection now. Unsent bytes are dropped. */
  abort(reason?: unknown): void;
}

/**
 * A listening socket, as an async iterable of the connections that it accepts. At
 * most 512 connections wait for the iteration; further ones are aborted at once.
 */
export interface Listener extends AsyncDisposable, AsyncIterable<Connection> {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /**
   * Takes other certificates for the connections to come. Those that are open, and
   * those in their handshake, are not disturbed.
   *
   * @throws {TypeError} If the certificates cannot be used, such as a key that is not
   * that of its certificate: then the old ones stay. Or if the listener has no TLS.
   */
  setCertificate(certificates: ServerCertificates): void;
  /** Stops listening and ends the iteration. Connections live on. */
  close(): Promise<void>;
}

/**
 * How the system treats TCP connections. Other sockets have no such settings, and
 * refuse anything but the defaults.
 */
export interface TcpOptions {
  /**
   * Whether the system sends small writes at once. Otherwise it delays a small
   * write until the peer has acknowledged the one before (Nagle's algorithm), which
   * saves packets and delays replies by up to 40 ms.
   *
   * @default {true}
   */
  noDelay?: boolean;
  /**
   * Whether the system probes a silent peer, and ends the connection with an error
   * if no answer comes. A number is the silence before the first probe, in
   * milliseconds: at least 1000, rounded down to whole seconds. With `true`, the
   * system decides, mostly two hours. Deno takes `true` and `false` only.
   *
   * @default {false}
   */
  keepAlive?: boolean | number;
}

/** How the system treats a listening TCP socket, and the connections it accepts. */
export interface TcpListenOptions extends TcpOptions {
  /**
   * Whether other processes of the same user may listen at the same port, each with
   * this option. The system spreads new connections over them, so that they use
   * several processors, and one can be replaced while the others serve.
   *
   * It is refused where it would be ignored: on other systems than Linux, on Node
   * before 22.12 and 23.1, and on Deno without `--unstable-net`.
   *
   * A listener with this option that is closed first accepts the connections that
   * wait in its queue. Linux resets a connection that comes to the queue after that
   * and before the socket is closed, which takes some microseconds, and one whose TCP
   * handshake is under way, unless the setting `net.ipv4.tcp_migrate_req` is 1.
   * Nothing that was sent on such a connection has been read.
   *
   * @default {false}
   */
  reusePort?: boolean;
}

/** Options of `connect`. */
export interface ConnectOptions extends TcpOptions {
  /** Stops connecting; `connect` then rejects with its reason. */
  signal?: AbortSignal;
  /**
   * How long connecting may take, the handshakes included, in milliseconds. More
   * than 0; `Infinity` for no limit.
   *
   * @default {10_000}
   */
  timeoutMs?: number;
  /**
   * Makes it a connection with TLS; an empty object has all defaults. It can be left
   * out where the address begins with `tls:`.
   *
   * @default {no TLS}
   */
  tls?: ClientTls;
  /**
   * Makes it a WebSocket; an empty object has all defaults. It can be left out where the
   * address begins with `ws:` or `wss:`.
   *
   * @default {no WebSocket}
   */
  webSocket?: ClientWebSocket;
}

/** The options of TLS for those who listen. */
export interface TlsListenOptions {
  /**
   * Makes them connections with TLS. A connection is handed out after its handshake
   * only, and, where clients must have one, with a verified certificate.
   *
   * @default {no TLS}
   */
  tls?: ServerTls;
  /**
   * How long a client may take for the TLS handshake, and then for that of WebSocket,
   * and a proxy for its header before them (`proxyProtocol`), in milliseconds. More than
   * 0; `Infinity` for no limit. At most 1,024 handshakes of each kind are under way at a
   * time: the oldest gives way to a new one.
   *
   * @default {10_000}
   */
  handshakeTimeoutMs?: number;
}

/** The options of WebSocket for those who listen. */
export interface WebSocketListenOptions {
  /**
   * Makes them WebSockets; an empty object has all defaults. It can be left out where
   * the address begins with `ws:` or `wss:`. A connection is handed out after its opening
   * handshake only.
   *
   * @default {no WebSocket}
   */
  webSocket?: ServerWebSocket;
}

/** How a server uses the PROXY protocol. */
export interface ProxyProtocol {
  /**
   * The proxies whose headers are believed: IP addresses (`"10.0.0.1"`, `"::1"`), ranges
   * of them (`"10.0.0.0/8"`, `"fd00::/8"`), and `"unix"` for connections that are not of
   * IP, on Unix sockets and in memory. All other connections are refused.
   */
  readonly trusted: readonly string[];
}

/** The options of the PROXY protocol for those who listen. */
export interface ProxyProtocolListenOptions {
  /**
   * Reads the header of the PROXY protocol, version 1 or 2, that HAProxy, nginx and
   * other load balancers send in front of a connection
   * (<https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt>). The address of the
   * client is then `remoteAddress`, also for limits by address; that of the proxy is not
   * kept. It stays the address of the proxy where the header has none: one with `LOCAL`,
   * by which a proxy looks whether the server is there, or `UNKNOWN`.
   *
   * The header comes before TLS and WebSocket. Each connection must have one, since a
   * client could send one as well: nobody guesses. A connection is aborted, before
   * anything behind the header is read, with `PROXY_UNTRUSTED` where it does not come
   * from a trusted proxy, with `PROXY_PROTOCOL` where its header is missing or wrong, has
   * more than 4 KiB, or says that the client uses datagrams, and with `TIMED_OUT` where
   * the header takes longer than `handshakeTimeoutMs`.
   *
   * @default {no PROXY protocol}
   */
  proxyProtocol?: ProxyProtocol;
}

/** Options of `listen`; those of TCP are for the connections it accepts. */
export interface ListenOptions
  extends
    TcpListenOptions,
    TlsListenOptions,
    WebSocketListenOptions,
    ProxyProtocolListenOptions {
  /** Closes the listener. */
  signal?: AbortSignal;
  /**
   * Called with a `NetError` of the code `OUT_OF_DESCRIPTORS` when no connection
   * can be accepted because the descriptors have run out, and with one of the code
   * `ACCEPTING_AGAIN` when there are some again. The listener resumes by itself.
   *
   * It is also called with the `NetError` of each connection that was lost before the
   * program got it, and where its client is. A handshake of TLS or WebSocket, or the
   * header of a proxy, has failed where the code begins with `TLS_`, `WS_` or `PROXY_`,
   * or is `TIMED_OUT` or `CONNECTION_RESET`. The connection was aborted because 512
   * others waited for the program where it is `CONNECTION_REFUSED`.
   */
  onError?: (error: unknown, peer?: Address) => void;
}

/** Ways to connect and to listen: the sockets of a runtime, or a memory network. */
export interface Network {
  /**
   * Connects to a listening socket.
   *
   * @throws {NetError} If nobody listens there, the time limit has passed, ...
   * @throws {TypeError} If it is not an address of this network, or an option
   * cannot be honoured there.
   */
  connect(address: AddressLike, options?: ConnectOptions): Promise<Connection>;
  /**
   * Listens for connections.
   *
   * @throws {NetError} If the address is in use, is not allowed, ...
   * @throws {TypeError} If it is not an address of this network, or an option
   * cannot be honoured there.
   */
  listen(address: AddressLike, options?: ListenOptions): Promise<Listener>;
}
