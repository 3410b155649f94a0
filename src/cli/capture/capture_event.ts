/** Which way bytes went. */
export type Direction = "toServer" | "toClient";

/**
 * What a capture shows of its connections, in the order of its packets.
 *
 * `connection` counts from 1 on, in the order in which connections open. `time` is
 * the time of the packet that made the event possible, in milliseconds since the first
 * packet of the capture; it is 0 where a packet is older than the first one. `offset`
 * is the place in the byte stream of the direction: that of the first byte is 0.
 *
 * - `open` is the first event of a connection. `midstream` tells that the capture began
 *   after the handshake: the stream may begin inside a frame, and the server is only
 *   guessed to be the end with the lower port.
 * - `data` has the new bytes of one TCP segment, or one datagram, which may be empty.
 *   The bytes are a view of the pushed chunk, or a copy.
 * - `gap` stands for bytes that the capture does not have. It is told when the receiver
 *   has acknowledged them and a second has passed, when too many bytes wait behind it,
 *   or when the connection closes.
 * - `end` is the end of one direction (FIN).
 * - `reset` says that the sender in this direction has aborted the connection (RST).
 * - `close` is the last event of every connection: both directions have ended, or it was
 *   reset, or a new one has its addresses, or there are too many and it had no packets for
 *   long, or the capture is over.
 */
export type CaptureEvent =
  | {
    readonly kind: "open";
    readonly connection: number;
    readonly time: number;
    /** Such as `127.0.0.1:80` or `[::1]:80`. */
    readonly client: string;
    readonly server: string;
    readonly transport: "tcp" | "udp";
    readonly midstream: boolean;
  }
  | {
    readonly kind: "data";
    readonly connection: number;
    readonly direction: Direction;
    readonly time: number;
    readonly offset: number;
    readonly data: Uint8Array;
  }
  | {
    readonly kind: "gap";
    readonly connection: number;
    readonly direction: Direction;
    readonly time: number;
    readonly offset: number;
    readonly length: number;
  }
  | {
    readonly kind: "end" | "reset";
    readonly connection: number;
    readonly direction: Direction;
    readonly time: number;
  }
  | {
    readonly kind: "close";
    readonly connection: number;
    readonly time: number;
  };
