import type { ConnectionStats } from "../framed/stats.ts";
import type { CloseInfo } from "../net/types.ts";
import type { Envelope } from "./envelope.ts";

/**
 * The connection of a peer. A framed connection with a codec of envelopes is
 * one; `speak` makes one that speaks another dialect.
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
   * Whether a request that the other side has cancelled is answered, with an error
   * whose code is `CANCELLED`.
   *
   * @default {false}
   */
  readonly answersCancelled?: boolean;
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
