import type { Backplane } from "../backplane/types.ts";
import type { OptionKinds } from "../checks.ts";
import type { Address, AddressLike } from "../net/address.ts";
import { serveKinds } from "../server/settings.ts";
import type { ServeOptions } from "../server/types.ts";
import type { Commands } from "./commands.ts";
import type { Envelope } from "./envelope.ts";
import type { DialectOptions } from "./dialects/dialect_options.ts";
import { dialectKinds } from "./limits.ts";
import { peerKinds, type PeerOptions } from "./peer.ts";

/** Options of `serveMessages`. */
export interface MessageServerOptions<C extends Commands, X = unknown>
  extends
    Omit<
      ServeOptions<Envelope>,
      | "address"
      | "codec"
      | "heartbeat"
      | "onError"
      | "slowReaders"
      | "backplane"
      | "topics"
    >,
    DialectOptions,
    Omit<PeerOptions<C, X>, "context"> {
  /**
   * Where to listen; port 0 takes a free one. Without a host name it is the loopback
   * interface only. It can be left out where there is a `service`: then the server has
   * no socket, and serves the nodes of the backplane only.
   */
  address?: AddressLike;
  /**
   * What connects the nodes that `service` is served for. It belongs to the program:
   * close it after the server.
   */
  backplane?: Backplane;
  /**
   * The name under which the nodes of the backplane, this one included, find this
   * server with `connectService`. A node serves a name once.
   *
   * Each client of another node has a connection of its own over the backplane, and is
   * one of `peers`: all limits hold for it, and `setup` is called. The `remoteAddress`
   * of its connection has the transport `"node"`. All who can use the engine of the
   * backplane can be such a client, with any id of a node: they are trusted. A `setup`
   * that asks clients who they are asks nodes, too, unless it looks at that transport.
   *
   * @default {none}
   */
  service?: string;
  /**
   * After how long a silence of a client it is asked whether it is alive, in
   * milliseconds; see `PeerLimits.heartbeatMs`. The answers keep a healthy idle
   * client from being cut by `idleTimeoutMs`.
   *
   * @default {30_000, or a third of `idleTimeoutMs` where that is less}
   */
  heartbeatMs?: number;
  /**
   * The maximum number of connections at a time whose `setup` has not returned. When
   * another one comes, one of them is cut, which chance decides: clients that do not
   * say who they are cannot keep out those that do. It should be well above the
   * number of clients that connect at once.
   *
   * @default {Infinity}
   */
  maxUnready?: number;
  /**
   * Called with every error that ended a connection, and with all else that the
   * `onError` of `serve` is called with. (`onError` gets the errors of handlers and
   * listeners.) By default, the errors of this program, such as those of
   * `setup`, go to `console.error`, and those of clients go nowhere.
   */
  onConnectionError?: (error: unknown, peer: Address) => void;
}

const { context: _context, ...sharedKinds } = peerKinds;

// Messages have their own heartbeat, and are neither broadcast nor published.
const {
  heartbeat: _heartbeat,
  slowReaders: _slowReaders,
  backplane: _backplane,
  topics: _topics,
  ...connectionKinds
} = serveKinds;

/** The options of `serveMessages`. */
export const messageServerKinds: OptionKinds<MessageServerOptions<Commands>> = {
  ...connectionKinds,
  backplane: ["serve", "listen", "onNode"],
  service: "string",
  ...dialectKinds,
  ...sharedKinds,
  maxUnready: "checked",
  onConnectionError: "function",
};
