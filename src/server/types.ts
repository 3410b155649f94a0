import type { Codec } from "../codec/types.ts";
import type { FramedConnection } from "../framed/framed.ts";
import type { FramedOptions } from "../framed/types.ts";
import type { Address, AddressLike } from "../net/address.ts";
import type { Network } from "../net/types.ts";
import type { ServerEvent } from "./event_queue.ts";

/** Options of {@linkcode serve}. */
export interface ServeOptions<In, Out = In> extends FramedOptions {
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
   * The most connections at a time; those over it are ended at once.
   *
   * @default {10_000}
   */
  maxConnections?: number;
  /**
   * How long a peer may say nothing between frames, in milliseconds. `Infinity`
   * for as long as it likes.
   *
   * @default {300_000}
   */
  idleTimeoutMs?: number;
  /**
   * How long a frame may take from its first byte to its last, in milliseconds:
   * the answer to peers that send a byte now and then to occupy a connection.
   *
   * @default {30_000}
   */
  frameTimeoutMs?: number;
  /**
   * How long a peer may take none of the bytes that are sent to it, in
   * milliseconds.
   *
   * @default {30_000}
   */
  writeTimeoutMs?: number;
  /**
   * Is told of every error that ended a connection, and of connections refused
   * for `maxConnections`, once until there is room again. By default, the errors
   * of the handler go to `console.error`, and those of the peer and the network
   * (`FrameError`, `NetError`) go nowhere.
   */
  onError?: (error: unknown, peer: Address) => void;
  /**
   * What to listen with: a memory network, for tests. By default, the sockets of
   * the runtime.
   */
  network?: Pick<Network, "listen">;
}

/**
 * What to do with a connection. When it returns, the connection is closed; when
 * it throws, too, and `onError` is told.
 *
 * It should receive until the end, with nothing to do for a frame if need be
 * (`connection.forEach(() => undefined)`): as long as nobody reads, nobody is
 * told that the peer has gone, and no time limit counts.
 */
export type ConnectionHandler<In, Out = In> = (
  connection: FramedConnection<In, Out>,
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

/** A server that is listening; made by {@linkcode serve}. */
export interface Server<In, Out = In> extends AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** The connections there are now, by their ids. */
  readonly connections: ReadonlyMap<number, FramedConnection<In, Out>>;
  /** Settles when the server and all its connections have ended. */
  readonly closed: Promise<void>;
  /**
   * What happens: connections, their messages and their ends, for one loop over
   * all of them. Only where `serve` was given no handler.
   *
   * A connection that is there already when the loop begins is told of then.
   * Where the loop is slow, or has been left, the peers are held back.
   *
   * @throws {TypeError} If there is a handler, or the events have been asked for
   * already.
   */
  events(): AsyncIterable<ServerEvent<In, Out>>;
  /**
   * Sends a message to one connection.
   *
   * @returns `undefined` while there is room, otherwise a promise to wait for,
   * like `Framed.send`.
   * @throws {NetError} `CONNECTION_CLOSED` if there is no such connection.
   */
  send(id: number, message: In): Promise<void> | undefined;
  /**
   * Sends a message to all connections, or to some. It is encoded once, and
   * nobody waits for a slow peer: one that has not taken what was sent to it
   * when there is no more room (`maxSendBuffer`) is cut. Connections whose
   * sending side is closed, or has another format by now, are left out.
   *
   * @param message The message.
   * @param to Which connections, by their ids.
   * @default {all of them}
   */
  broadcast(message: In, to?: Iterable<number>): void;
  /**
   * Stops in good order: accepts nobody any more, lets every handler finish with
   * the frames that have arrived, writes what was sent, and closes. What is not
   * done in time is aborted. Can be called again at any time.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}
