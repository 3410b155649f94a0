/**
 * The numbers of a connection, as plain data. They only grow, but for the bytes that
 * wait.
 */
export interface ConnectionStats {
  /** How many frames have been handed out. */
  readonly framesReceived: number;
  /** How many frames have been sent; what `sendEncoded` was given counts as one. */
  readonly framesSent: number;
  /** How many bytes belonged to the frames and bodies that have been handed out. */
  readonly bytesReceived: number;
  /** How many bytes of frames and bodies the system has taken. */
  readonly bytesSent: number;
  /** How many bytes have arrived and wait to be handed out. */
  readonly unreadBytes: number;
  /** How many bytes have been sent that the system has not taken yet. */
  readonly queuedBytes: number;
}

/** The numbers of no connection, from which a sum begins. */
export const NO_CONNECTION: ConnectionStats = {
  framesReceived: 0,
  framesSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  unreadBytes: 0,
  queuedBytes: 0,
};

/** The numbers of two connections together. */
export function sumOf(
  one: ConnectionStats,
  other: ConnectionStats,
): ConnectionStats {
  return {
    framesReceived: one.framesReceived + other.framesReceived,
    framesSent: one.framesSent + other.framesSent,
    bytesReceived: one.bytesReceived + other.bytesReceived,
    bytesSent: one.bytesSent + other.bytesSent,
    unreadBytes: one.unreadBytes + other.unreadBytes,
    queuedBytes: one.queuedBytes + other.queuedBytes,
  };
}
