import type { Codec } from "../codec/types.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import type { ConnectionStats } from "../framed/stats.ts";
import type { CloseInfo } from "../net/types.ts";
import type { Envelope } from "./envelope.ts";

/**
 * The connection of a peer. A framed connection with a codec of envelopes is
 * one. A format that cannot carry every envelope needs an adapter in between,
 * such as `pipelined`.
 */
export interface EnvelopeChannel {
  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Whether the format cannot carry `["ping"]`, `["pong"]` and events of any name:
   * then the peer has no heartbeat, and does not say when it closes.
   *
   * @default {false}
   */
  readonly withoutPings?: boolean;
  /**
   * Set by the peer, where the channel has this property: whether requests are
   * under way, of either side. The idle limit of a server does not count then.
   */
  busy?: boolean;
  /**
   * How many chunks of bytes have arrived, where the channel knows. A chunk of an
   * envelope that is not complete yet is a sign of life, too.
   */
  readonly chunksReceived?: number;
  /** The numbers of the connection, where the channel knows them. */
  stats?(): ConnectionStats;
  /**
   * Whether the other side is not being read, so that its answer to a ping cannot
   * arrive. Its silence does not count then.
   */
  readonly heldBack?: boolean;
  /** Sends, like `send` of a framed connection. */
  send(envelope: Envelope): Promise<void> | undefined;
  /**
   * Calls a function with every envelope that arrives, until the end. Where the
   * function returns a promise, the next envelope waits for it.
   */
  forEach(
    handle: (envelope: Envelope) => Promise<void> | undefined,
  ): Promise<void>;
  /** Closes in good order. */
  close(): Promise<void>;
  /** Ends the connection now. */
  abort(reason?: unknown): void;
}

/** How servers and clients of messages use their connections. */
export interface EnvelopeChannelOptions {
  /**
   * The codec of the messages, the same on both sides.
   *
   * @default {envelopes()}
   */
  codec?: Codec<Envelope>;
  /**
   * Makes the channel of a new connection, where a codec alone cannot carry the
   * envelopes: see `pipelined`. By default, the connection itself is the channel.
   */
  channel?: (connection: FramedConnection<Envelope>) => EnvelopeChannel;
}
