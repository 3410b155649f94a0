import type { BackoffOptions } from "../client/attempts.ts";
import type { ClientOptions } from "../client/create_client.ts";
import type { Commands } from "./commands.ts";
import type { Envelope } from "./envelope.ts";
import type { DialectOptions } from "./dialects/dialect_options.ts";
import type { Peer, PeerOptions } from "./peer.ts";

/** Options of `reconnectingMessages`. */
export interface ReconnectingMessagesOptions<C extends Commands, X = unknown>
  extends
    Omit<ClientOptions<Envelope>, "codec" | "heartbeat">,
    DialectOptions,
    PeerOptions<C, X>,
    BackoffOptions {
  /**
   * Called with the peer of each new connection before anything else is sent on it: to
   * authenticate, or to subscribe. It may take as long as `timeoutMs` says. When it
   * throws a `NetError` or a `FrameError`, when the server is closing (`CLOSING`), or
   * when it takes longer, the attempt has failed and the next one follows; any other
   * error ends the client.
   */
  login?: (peer: Peer<C, X>) => Promise<void> | void;
  /**
   * How many requests and events may wait while there is no connection. Further ones
   * reject with `SEND_BUFFER_FULL`. A whole number from 1, or `Infinity`.
   *
   * @default {1_000}
   */
  maxQueued?: number;
  /**
   * How often one request may be sent again, if it is `repeatable`. A whole number
   * from 0.
   *
   * @default {3}
   */
  maxRepeats?: number;
  /**
   * How many requests may be sent again, in percent of those of the last ten seconds,
   * though always ten. Above that, requests whose connection ended reject at once, so
   * that a server in trouble does not get the same requests over and over (a retry
   * budget: <https://sre.google/sre-book/handling-overload/>). A whole number from 0,
   * for no repetition at all, to 100.
   *
   * @default {20}
   */
  maxRepeatsPercent?: number;
}
