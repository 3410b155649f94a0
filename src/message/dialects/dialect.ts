import type { FrameError } from "../../codec/errors.ts";
import type { Codec } from "../../codec/types.ts";
import type { Framed } from "../../framed/framed.ts";
import type { Envelope } from "../envelope.ts";
import type { EnvelopeChannel } from "../envelope_channel.ts";

/**
 * What a peer speaks: the frames on the wire, and what they mean as requests, replies
 * and events. Ready ones are `jsonRpc`, `dap`, `correlated` and `pipelined`; without a
 * dialect, a peer speaks the envelopes of this module. For one of your own, see
 * `defineDialect`.
 *
 * @typeParam T A frame.
 */
export interface Dialect<T = unknown> {
  /** The codec of the frames. */
  readonly codec: Codec<T>;
  /**
   * Begins a conversation.
   *
   * @param connection The connection, which belongs to the result from then on.
   * @returns The channel for a peer.
   */
  open(connection: FramesOf<T>): EnvelopeChannel;
}

/**
 * What a dialect uses of its connection, which is a `Framed`.
 *
 * @typeParam T A frame.
 */
export type FramesOf<T> = Pick<
  Framed<T>,
  | "codec"
  | "closed"
  | "busy"
  | "stats"
  | "send"
  | "sendEncoded"
  | "forEach"
  | "switchCodec"
  | "close"
  | "abort"
>;

/**
 * The conversation on one connection: it sends envelopes as frames, and tells the peer
 * what frames mean. It holds what must be known of both: the ids of open requests.
 *
 * @typeParam T A frame.
 */
export interface Translation<T> {
  /**
   * Sends what an envelope says: in one frame, in several, or later. An envelope that
   * the dialect cannot express is left out where nobody waits for it (`cancel`,
   * `credit`); otherwise this throws a `MessageError`. Pings are never passed to it.
   *
   * @returns What {@linkcode Wire.send} returns.
   */
  send(envelope: Envelope): Promise<void> | undefined;
  /**
   * Tells what a frame says, with {@linkcode Wire.tell}. What it throws ends the
   * connection.
   */
  receive(frame: T): void;
  /**
   * Sends a last word after bytes that are no frame. Then the connection is closed.
   *
   * @param error What was wrong with the bytes.
   */
  refuse?(error: FrameError): void;
  /**
   * Whether a request that the other side has cancelled is answered, with an error
   * whose code is `CANCELLED`.
   *
   * @default {false}
   */
  readonly answersCancelled?: boolean;
}

/** What a {@linkcode Translation} has of its connection. */
export interface Wire<T> {
  /** Sends a frame, as `Framed.send` does. */
  send(frame: T): Promise<void> | undefined;
  /**
   * Tells the peer what the other side says. The requests of the other side are
   * numbered by the translation, with safe integers from 1 on; replies have the ids
   * that the peer has given its requests. A reply that belongs to no request which is
   * remembered has the id {@linkcode FOREIGN}: the peer counts it.
   *
   * A `stream` with a credit of `Infinity` leaves it to the handler whether it gives
   * one reply or a stream.
   */
  tell(envelope: Envelope): void;
  /** Ends the connection now. */
  abort(reason: unknown): void;
}

/** The id of a reply to no request that is remembered: see {@linkcode Wire.tell}. */
export const FOREIGN: number = Infinity;

/**
 * What a reply is that belongs to no open request: its request had been given up
 * (`"late"`), or was answered already (`"duplicate"`), or is not known (`"foreign"`).
 */
export type Stray = "late" | "duplicate" | "foreign";
