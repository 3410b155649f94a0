import type { Backplane, PublishOptions } from "../backplane/types.ts";
import type { Codec } from "../codec/types.ts";
import type { ObserveOptions } from "../framed/observe.ts";
import type { FramedOptions } from "../framed/types.ts";
import type { Address, AddressLike } from "../net/address.ts";
import type { ServerCertificates } from "../net/tls_types.ts";
import type {
  Network,
  ProxyProtocolListenOptions,
  TcpListenOptions,
  TlsListenOptions,
  WebSocketListenOptions,
} from "../net/types.ts";
import type { ServerEvent } from "./event_queue.ts";
import type { SlowReaders } from "./broadcast.ts";
import type { RateOptions } from "./rate.ts";
import type { ServerConnection } from "./server_connection.ts";
import type { ServerStats } from "./stats.ts";
import type { TopicsOptions } from "./topics.ts";

/** Options of {@linkcode serve}. */
export interface ServeOptions<In, Out = In>
  extends
    FramedOptions<In, Out>,
    ObserveOptions,
    TcpListenOptions,
    TlsListenOptions,
    WebSocketListenOptions,
    ProxyProtocolListenOptions {
  /**
   * Where to listen; port 0 takes a free one. Without a host name it is the
   * loopback interface only.
   */
  address: AddressLike;
  /** The frame format. */
  codec: Codec<In, Out>;
  /** Closes the server in good order, like `close`. */
  signal?: AbortSignal;
  /**
   * The maximum number of connections at a time. Further ones are aborted at once, so
   * that their clients can go elsewhere: in the queue of the system they would be
   * connected, and wait for an answer.
   *
   * @default {10_000}
   */
  maxConnections?: number;
  /**
   * The maximum number of connections at a time from one address: an IPv4 address, or
   * the first 64 bits of an IPv6 address, which a subscriber has at least. Further ones
   * are aborted at once. Clients on Unix sockets have no address, and are not counted.
   * Behind a proxy, all clients have its address, unless it says theirs
   * (`proxyProtocol`).
   *
   * @default {Infinity}
   */
  maxConnectionsPerAddress?: number;
  /**
   * How many bytes may wait in all connections together, to be read and to be sent. It
   * is looked at four times a second. Where there are more, the connections with the
   * most are aborted, with `SEND_BUFFER_FULL` or `RECEIVE_BUFFER_FULL`, until the rest
   * is within the limit. What is broadcast to many counts once, as what waits for the
   * slowest of them. Bytes that the system holds do not count, nor do messages that
   * were decoded.
   *
   * @default {536_870_912}
   */
  maxTotalBuffer?: number;
  /**
   * What becomes of a reader that is slower than what is broadcast or published:
   *
   * - `"close"`: it is sent everything, and cut when more than `maxSendBuffer` bytes
   *   wait for it.
   * - `"wait"`: the same, and `broadcast` returns a promise that resolves when at most
   *   `highWaterMark` bytes wait for each reader. A reader that stands still delays
   *   all others by up to `writeTimeoutMs`. `publish` waits so for the readers of its
   *   own server, not for those of others.
   * - `{ drop }`: while more than `highWaterMark` bytes wait for it, it loses what is
   *   broadcast. When it has caught up, it is sent the frame that `drop` makes of the
   *   number of messages it has lost.
   *
   * @default {"close"}
   */
  slowReaders?: SlowReaders<In>;
  /**
   * What connects this server with others, of other processes: what one of them
   * publishes to a topic (`publish`) gets to the subscribed connections of all. The
   * server does not close it. On the backplane, a topic is called
   * `topics:CODEC:TOPIC`, with the name of the codec, so that servers of different
   * formats do not get each other's frames: a format must have the same options
   * everywhere. By default, topics are those of this server alone.
   */
  backplane?: Backplane;
  /** How topics work: see `ServerConnection.subscribe`. */
  topics?: TopicsOptions<In>;
  /**
   * How much each connection may send. A chunk of bytes that has arrived is always
   * handled, so a peer can exceed its rate by one. While it is not read, the time
   * limits on reading do not count. From `close` on, there is no rate.
   *
   * @default {no limit}
   */
  rate?: RateOptions;
  /**
   * How much all connections of an address may send together; see
   * `maxConnectionsPerAddress` for what an address is. Where it is exceeded, the
   * connection that sends next is held back or closed. It is remembered when the
   * connections of an address have ended.
   *
   * @default {no limit}
   */
  addressRate?: RateOptions;
  /**
   * Called with every error that ended a connection. It is also called when
   * connections are refused (`maxConnections`, `maxConnectionsPerAddress`, for each
   * address), once until a tenth of the places is free again, and
   * when the descriptors have run out and when there are some again, and for each
   * handshake of TLS or WebSocket, or header of a proxy, that failed. Where so many clients connect at once
   * that 512 wait to be accepted, further ones are aborted, and it is called once until
   * one was accepted.
   *
   * By default, errors of the program go to `console.error`, such as those that the
   * handler throws. Errors of peers and the network are not reported: see
   * `Framed.failedWith`.
   */
  onError?: (error: unknown, peer: Address) => void;
  /**
   * What to listen with: a memory network, for tests. By default, the sockets of
   * the runtime.
   */
  network?: Pick<Network, "listen">;
}

/**
 * Handles a connection. When the handler returns or throws, the connection is closed;
 * what it throws goes to `onError`.
 *
 * While the handler does not receive, at most about 64 KiB are buffered; then the
 * peer is paused. Only the time limits on writing and on the handler count then.
 */
export type ConnectionHandler<In, Out = In> = (
  connection: ServerConnection<In, Out>,
) => Promise<void> | void;

/** Options of {@linkcode Server.close}. */
export interface ServerCloseOptions {
  /**
   * How long connections may take to end before they are aborted, in
   * milliseconds.
   *
   * @default {5_000}
   */
  graceMs?: number;
}

/**
 * How far a server is. An `"open"` one accepts connections. A `"closing"` one has been
 * told to close, or can accept no more, and ends what is under way. It is `"closed"`
 * when all its connections have ended.
 */
export type ServerState = "open" | "closing" | "closed";

/** From the start of a server to its end; the same for all kinds of servers. */
export interface ServerLifecycle {
  /** How far the server is. */
  readonly state: ServerState;
  /** Settles when the server and all its connections have ended. */
  readonly closed: Promise<void>;
  /**
   * Settles when the server has been closed, every handler has ended, and everything
   * that was sent is written or has failed. Handlers that are still at work when
   * `graceMs` is over hold it up, but not `closed`. A program that ends when
   * it settles cuts no handler short.
   */
  readonly drained: Promise<void>;
}

/** A server that is listening; made by {@linkcode serve}. */
export interface Server<In, Out = In> extends ServerLifecycle, AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** The open connections, by their ids. */
  readonly connections: ReadonlyMap<number, ServerConnection<In, Out>>;
  /**
   * What the server has done so far, as plain data: see {@linkcode ServerStats}. The
   * time it takes grows with the number of open connections.
   */
  stats(): ServerStats;
  /**
   * Takes other certificates for the connections to come; see
   * `Listener.setCertificate`.
   *
   * @throws {TypeError} If they cannot be used, or the server has no TLS.
   */
  setCertificate(certificates: ServerCertificates): void;
  /**
   * The events of all connections (open, message, close), for one loop. Only for a
   * server without a handler.
   *
   * The loop also gets an `open` event for each connection that was made before it
   * began. The peers are paused while the loop is slow, and after it was left.
   *
   * @throws {TypeError} If there is a handler, or `events` was called before.
   */
  events(): AsyncIterable<ServerEvent<In, Out>>;
  /**
   * Sends a message to one connection.
   *
   * @returns `undefined` while there is room, otherwise a promise of room, like
   * `Framed.send`.
   * @throws {NetError} `CONNECTION_CLOSED` if there is no such connection.
   */
  send(id: number, message: In): Promise<void> | undefined;
  /**
   * Sends a message to all connections, or to some. It is encoded once. A slow peer
   * delays no other: its connection is aborted when more than `maxSendBuffer` bytes
   * wait for it, unless `slowReaders` says otherwise. Connections whose sending side is
   * closed, or that have changed their format, are left out.
   *
   * @param message The message.
   * @param to Which connections, by their ids.
   * @default {all of them}
   * @returns `undefined`; with `slowReaders: "wait"`, a promise of room where there is
   * none with some of them. It does not reject.
   */
  broadcast(message: In, to?: Iterable<number>): Promise<void> | undefined;
  /**
   * Sends a message to all connections that are subscribed to a topic
   * (`ServerConnection.subscribe`), also those of other servers where there is a
   * `backplane`. It is encoded once, by this server, and slow peers are dealt with as
   * by `broadcast`.
   *
   * @param topic The topic.
   * @param message The message.
   * @param options With an `id`, a message that is published again to a topic that keeps
   * messages, within two minutes, is there once: for one whose promise was rejected.
   * @returns A promise that settles at once, or with `delivery: "kept"` when the engine
   * has the message. With `slowReaders: "wait"`, it waits for room with the readers of
   * this server, too.
   * @throws {FrameError} If the format cannot carry the message.
   * @throws {NetError} `UNAVAILABLE` while the engine of the backplane is away. With
   * `"kept"` also if it went away before it answered: the message may have been
   * published. `MESSAGE_TOO_LARGE` if the engine takes no message so long.
   * @throws {TypeError} If the encoders of the format have a state, such as a counter.
   * @throws {RangeError} If the topic has more than 1,024 characters.
   */
  publish(
    topic: string,
    message: In,
    options?: PublishOptions,
  ): Promise<void>;
  /**
   * Stops in good order: accepts nobody any more, lets every handler finish with
   * the frames that have arrived, writes what was sent, and closes. What is not
   * done in time is aborted. Can be called again at any time.
   *
   * A handler may wait for it: it then waits for all other handlers, and `closed`
   * for this one as well. A loop over `events` must not: it is itself waited for,
   * until it has dealt with the last event. Let it call `close` without waiting,
   * and go on until it ends.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}
