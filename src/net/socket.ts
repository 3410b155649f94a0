import type { Address } from "./address.ts";
import type { TcpSettings } from "./tcp_settings.ts";

/**
 * What the bytes of a connection go through, as a fast consumer sees it: a
 * promise for a chunk, not for a frame, and none where nothing needs to be
 * waited for.
 */
export interface ByteChannel {
  /**
   * The next chunk, never empty, which is the caller's to keep; `null` at the
   * end of the stream. Only one read may be under way at a time.
   */
  read(): Promise<Uint8Array | null>;
  /**
   * Writes all the bytes. Returns `undefined` when they are already on their
   * way and there is room for more, otherwise a promise of that moment. The
   * bytes must not change until then, and only one write may be under way at a
   * time.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Half-close: tells the peer that no more bytes will come. */
  closeWrite(): Promise<void>;
}

/**
 * What an adapter makes of a runtime's socket: the least that a connection is
 * built on. It keeps no policy; `SocketConnection` does.
 *
 * - `read` rejects with a `NetError`: `CONNECTION_RESET` where the peer went
 *   without closing, `CONNECTION_CLOSED` after `close` or `abort`. The latter
 *   settle a read that is under way. A peer that sends faster than `read` is
 *   called is held back by the system's own flow control: the adapter stops
 *   reading from the runtime's socket, and holds at most about 64 KiB more.
 * - `write` resolves when the system has taken all the bytes; it rejects like
 *   `read`.
 * - `closeWrite` sends FIN after what was written; reading goes on. It is called
 *   when no write is under way.
 */
export interface Socket extends ByteChannel {
  /** Where this end is. */
  readonly localAddress: Address;
  /** Where the other end is. */
  readonly remoteAddress: Address;
  /** Releases the socket; what was written before is still delivered. */
  close(): void;
  /** Releases the socket with a reset, where the runtime can send one. */
  abort(): void;
}

/** What an adapter makes of a runtime's listening socket. */
export interface Acceptor {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** The next connection; `null` after `close`. One call at a time. */
  accept(): Promise<Socket | null>;
  /** Stops listening; connections already accepted live on. */
  close(): void;
}

/**
 * What a runtime must offer: one object of this shape for each runtime. Settings
 * that it cannot honour, it rejects with a `TypeError`; those other than the
 * defaults are asked of TCP addresses only.
 */
export interface Adapter {
  /**
   * Connects. When `signal` aborts, it stops, leaves nothing open and rejects
   * with `signal.reason`.
   */
  connect(
    address: Address,
    options: TcpSettings & { readonly signal: AbortSignal },
  ): Promise<Socket>;
  /** Listens; the settings are for the connections accepted. */
  listen(address: Address, settings: TcpSettings): Promise<Acceptor>;
}
