import type { ConnectionStats } from "../framed/stats.ts";

/** The connections of a server. */
export interface ConnectionCounts {
  /** How many are open now. */
  readonly open: number;
  /** How many were given to the handler. */
  readonly accepted: number;
  /**
   * How many were refused before, by reason: the name of the limit, such as
   * `maxConnections`, or the code of the error, such as `TLS_PROTOCOL` after a
   * handshake that failed. Those that `serveCommands` refused count as accepted, too.
   */
  readonly refused: Readonly<Record<string, number>>;
  /** How many have ended, by reason: see {@linkcode closeReason}. */
  readonly closed: Readonly<Record<string, number>>;
}

/**
 * What a server has done since it was made, as plain data. The frames and bytes are
 * those of all its connections, closed ones included.
 */
export interface ServerStats extends ConnectionStats {
  /** Its connections. */
  readonly connections: ConnectionCounts;
  /** How many handlers of connections have not ended. */
  readonly handlers: number;
}

/** How long requests took. */
export interface LatencyHistogram {
  /**
   * The upper bounds of the buckets, in seconds, each of which still belongs to its
   * bucket: 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5 and
   * 10. They are the same for all.
   */
  readonly bounds: readonly number[];
  /** How many requests are in each bucket; the last are those above all bounds. */
  readonly counts: readonly number[];
  /** How long all took together, in seconds. */
  readonly sum: number;
}

/** The requests of one command that have ended. */
export interface CommandStats {
  /** How many were answered. */
  readonly done: number;
  /** How many were answered with an error, or lost with their connection. */
  readonly failed: number;
  /**
   * How many were refused: there is no handler, too many were under way, or the
   * other side was closing.
   */
  readonly refused: number;
  /** How many were given up by the side that had made them. */
  readonly cancelled: number;
  /** How many took longer than their time limit. */
  readonly timedOut: number;
  /** How long those took that were not refused. */
  readonly latency: LatencyHistogram;
}

/** Requests in one direction. */
export interface RequestStats {
  /** How many are under way. */
  readonly underWay: number;
  /**
   * Those that have ended, by command. Commands without a handler, and all new ones
   * from 1,000 commands on, are counted together as `(other)`.
   */
  readonly commands: Readonly<Record<string, CommandStats>>;
}

/** The requests of both directions. */
export interface PeerRequestStats {
  /** The requests of other sides, which are answered here. */
  readonly served: RequestStats;
  /** The requests that are made here. */
  readonly made: RequestStats;
}
