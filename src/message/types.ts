import type { ConnectionStats } from "../framed/stats.ts";
import type { PeerRequestStats, ServerStats } from "../server/stats.ts";
import type { Commands, InputOf } from "./commands.ts";
import type { Stray } from "./dialects/dialect.ts";
import type { EnvelopeHeader } from "./envelope.ts";

/** Limits of a {@linkcode Peer}. */
export interface PeerLimits {
  /**
   * How many requests of the other side may be under way at a time. Further ones
   * are answered with `TOO_MANY_REQUESTS`. It is also how many replies may wait
   * for an other side that does not read them, and how many event listeners may
   * be at work; further events are held back. A whole number from 1, or
   * `Infinity`.
   *
   * @default {1_000}
   */
  maxRequests?: number;
  /**
   * How many requests of the other side are handled a second, and at once after a
   * silence. Further ones are answered with `TOO_MANY_REQUESTS`. More than 0;
   * `Infinity` for no limit. To hold the other side back instead, give a server a
   * `rate`.
   *
   * @default {Infinity}
   */
  requestsPerSecond?: number;
  /**
   * How long a handler may take to give its reply, or its stream, in milliseconds.
   * Then the request is answered with `HANDLER_TIMED_OUT`, the signal of the handler
   * aborts, and `onError` is told; the connection and its other requests go on. Until
   * the handler ends, the request counts for `maxRequests`. A stall of this process
   * does not count. More than 0; `Infinity` for no limit.
   *
   * For a connection that is not read for as long, because `setup` or the listeners do
   * not end, it is a limit as well: the connection is aborted with `TIMED_OUT`.
   *
   * @default {Infinity}
   */
  handlerTimeoutMs?: number;
  /**
   * After how much silence of the other side a ping is sent, to find out whether it
   * is alive, in milliseconds. Anything that arrives counts as a sign of life. A
   * ping is sent as well when this side has sent nothing for as long, so that the
   * idle limit of a server does not cut a healthy client. More than 0; `Infinity`
   * for no heartbeat. Should be less than the other side's idle limit.
   *
   * Time is counted in ticks of an eighth of the shorter limit, at least 5 ms and
   * at most 1 s.
   *
   * @default {30_000}
   */
  heartbeatMs?: number;
  /**
   * How long the answer to a ping may take, in milliseconds. Then the connection
   * is aborted with `TIMED_OUT`. More than 0; `Infinity` for a heartbeat that
   * ends no connection.
   *
   * @default {10_000}
   */
  heartbeatTimeoutMs?: number;
}

/**
 * What a peer has done, as plain data; with the numbers of its connection, where the
 * channel has them.
 */
export interface PeerStats extends PeerRequestStats, Partial<ConnectionStats> {
  /** The replies that belonged to no open request. */
  readonly strays: Readonly<StrayReplies>;
}

/** How many replies belonged to no open request, by what is known of their requests. */
export type StrayReplies = Record<Stray, number>;

/** What a server of messages has done, as plain data. */
export interface MessageServerStats extends PeerRequestStats, ServerStats {}

/** Options of {@linkcode Peer.stream}. */
export interface StreamOptions {
  /**
   * Cancels the request: the signal of the handler aborts, and the loop throws
   * the reason of this one.
   */
  signal?: AbortSignal;
  /** What goes with the request: see `RequestOptions.header`. */
  header?: EnvelopeHeader;
}

/** Options of {@linkcode Peer.request}. */
export interface RequestOptions {
  /**
   * Cancels the request: the signal of the handler aborts, and the request
   * rejects with the reason of this one.
   */
  signal?: AbortSignal;
  /**
   * How long the reply may take, in milliseconds. Then the request is cancelled
   * and rejects with `TIMED_OUT`. A reply that has arrived while this program
   * blocked its event loop is not late. More than 0; `Infinity` for no limit.
   *
   * @default {30_000}
   */
  timeoutMs?: number;
  /**
   * What goes with the request besides its body, for the `header` of the handler's
   * context: texts, such as the `traceparent` of a trace. Peers of version 0.1.0 end
   * the connection when they get one, and other dialects leave it
   * out.
   */
  header?: EnvelopeHeader;
}

/** Options of {@linkcode ReconnectingPeer.request}. */
export interface RepeatableRequestOptions extends RequestOptions {
  /**
   * Whether the request may be sent again when its connection ended before the reply:
   * the server may have handled it already, so it must do no harm to handle it twice.
   * The time limit is for all of it together.
   *
   * @default {false}
   */
  repeatable?: boolean;
}

/** Options of {@linkcode Peer.close}. */
export interface PeerCloseOptions {
  /**
   * How long the requests under way may take before the connection is aborted, in
   * milliseconds.
   *
   * @default {5_000}
   */
  graceMs?: number;
}

/** What a handler may return: one reply, or the items of a stream. */
export type Reply<C extends Commands, Name extends keyof C> =
  | InputOf<C[Name]["output"]>
  | AsyncIterable<InputOf<C[Name]["output"]>>;
