import type { Address, AddressLike } from "./address.ts";

/** How a connection ended. */
export interface CloseInfo {
  /** Which side ended it: this one, or the peer. */
  readonly by: "local" | "remote";
  /**
   * Why, where it did not end cleanly: a `NetError`, or the reason given to
   * `abort`. Absent when both sides had closed in good order.
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
  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Half-close: tells the peer, after all that was written, that no more bytes
   * will come. Reading goes on. When the peer has closed too, the connection is
   * closed.
   */
  closeWrite(): Promise<void>;
  /**
   * Closes in good order: writes what was given, tells the peer, and discards
   * what it still sends for up to two seconds, so that its last words cannot
   * make the system throw ours away. Can be called again at any time.
   */
  close(): Promise<void>;
  /** Ends the connection now; bytes not yet sent are dropped. */
  abort(reason?: unknown): void;
}

/** What accepts connections: an async iterable of them. */
export interface Listener extends AsyncDisposable, AsyncIterable<Connection> {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** Stops listening and ends the iteration. Connections live on. */
  close(): Promise<void>;
}

/**
 * How the system treats TCP connections. Other sockets have nothing of the kind:
 * there, anything but the defaults is refused.
 */
export interface TcpOptions {
  /**
   * Whether what is written is sent at once. Otherwise the system holds a small
   * write back while the peer has not confirmed the one before (Nagle's
   * algorithm): fewer packets, and replies that come up to 40 ms later.
   *
   * @default {true}
   */
  noDelay?: boolean;
  /**
   * Whether the system asks a peer that is silent if it is still there, and ends
   * the connection with an error when no answer comes. A number is the silence
   * before it first asks, in milliseconds: at least 1000, of which whole seconds
   * count. With `true` it is what the system is set to, mostly two hours. Deno
   * cannot set it and takes `true` and `false` only.
   *
   * @default {false}
   */
  keepAlive?: boolean | number;
}

/** Options of `connect`. */
export interface ConnectOptions extends TcpOptions {
  /** Stops connecting; `connect` then rejects with its reason. */
  signal?: AbortSignal;
  /**
   * How long connecting may take, in milliseconds.
   *
   * @default {10_000}
   */
  timeoutMs?: number;
}

/** Options of `listen`; those of TCP are for the connections it accepts. */
export interface ListenOptions extends TcpOptions {
  /** Closes the listener. */
  signal?: AbortSignal;
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
