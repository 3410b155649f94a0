import type { Codec } from "../codec/types.ts";
import type { FramedConnection } from "../framed/framed.ts";
import type { CloseInfo } from "../net/types.ts";
import type { Envelope } from "./envelope.ts";

/**
 * What a peer speaks through. Framed bytes with a codec of envelopes are one; a
 * format that cannot say all of an envelope has something between, like
 * `pipelined`.
 */
export interface EnvelopeChannel {
  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /** Sends, like `send` of framed bytes. */
  send(envelope: Envelope): Promise<void> | undefined;
  /** Calls a function with all that comes in, until the end. */
  forEach(handle: (envelope: Envelope) => void): Promise<void>;
  /** Closes in good order. */
  close(): Promise<void>;
  /** Ends the connection now. */
  abort(reason?: unknown): void;
}

/** How servers and clients of messages put them on their connections. */
export interface EnvelopeChannelOptions {
  /**
   * The codec of the messages, the same on both sides.
   *
   * @default {envelopes()}
   */
  codec?: Codec<Envelope>;
  /**
   * Makes of a new connection what its peer speaks through, where a codec alone
   * cannot say it: see `pipelined`. By default, the connection itself.
   */
  channel?: (connection: FramedConnection<Envelope>) => EnvelopeChannel;
}
