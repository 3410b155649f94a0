import type { JsonValue } from "../codec/views/json.ts";
import type { Commands, InputOf } from "./commands.ts";

/** Options of {@linkcode Peer.stream}. */
export interface StreamOptions {
  /** Cancels it: the handler's signal aborts, and the loop throws its reason. */
  signal?: AbortSignal;
}

/** Options of {@linkcode Peer.request}. */
export interface RequestOptions {
  /**
   * Cancels it: the handler's signal aborts, and the request rejects with the
   * reason of this one.
   */
  signal?: AbortSignal;
  /**
   * How long it may take, in milliseconds; then it is cancelled and rejects with
   * `TIMED_OUT`. `Infinity` for as long as it likes.
   *
   * @default {30_000}
   */
  timeoutMs?: number;
}

/** Options of {@linkcode Peer.close}. */
export interface PeerCloseOptions {
  /**
   * How long the requests under way may take before the connection is aborted,
   * in milliseconds.
   *
   * @default {5_000}
   */
  graceMs?: number;
}

/** What a handler replies with. */
export type Reply<C extends Commands, Name extends keyof C> =
  | InputOf<C[Name]["output"]>
  | AsyncIterable<InputOf<C[Name]["output"]>>;

/**
 * What is done with an event. It is not waited for; what it throws goes to
 * `onError`.
 */
export type EventListener = (body: JsonValue) => unknown;
