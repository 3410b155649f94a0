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
   * handshake that failed.
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
