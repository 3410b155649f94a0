import type { HeartbeatOptions } from "./heartbeat.ts";

/** The time limits of a connection. `Infinity` stands for no limit. */
export interface TimeLimitOptions {
  /**
   * The maximum time until the first frame of the peer is complete, in milliseconds.
   *
   * @default {Infinity}
   */
  firstFrameTimeoutMs?: number;
  /**
   * The maximum silence of the peer between frames, in milliseconds. It counts only
   * while the program waits for a frame, is not `busy`, and no bytes wait to be taken
   * by the peer.
   *
   * @default {Infinity, for a server 300_000}
   */
  idleTimeoutMs?: number;
  /**
   * The maximum time from the first byte of a frame to its last, in milliseconds. It
   * cuts peers that occupy a connection by sending a byte now and then.
   *
   * @default {Infinity, for a server 30_000}
   */
  frameTimeoutMs?: number;
  /**
   * The maximum time for each 64 KiB of a body that is read with `receiveBytes`, in
   * milliseconds.
   *
   * @default {Infinity, for a server 30_000}
   */
  bodyTimeoutMs?: number;
  /**
   * The maximum time in which the system takes none of the bytes that are sent, in
   * milliseconds. A system whose send buffer was full takes no more bytes before
   * about a third of it is free, so a peer that reads slowly but steadily needs the
   * time to read some megabytes.
   *
   * @default {Infinity, for a server 120_000}
   */
  writeTimeoutMs?: number;
  /**
   * The maximum time that the program works on a frame before it waits for the next
   * one, in milliseconds. A handler that hangs is cut off with its connection.
   *
   * @default {Infinity}
   */
  handlerTimeoutMs?: number;
  /**
   * The maximum time during a close in which the peer takes no bytes or, after our
   * end, goes on sending, in milliseconds.
   *
   * @default {30_000}
   */
  closeTimeoutMs?: number;
}

/** Options of {@linkcode framed}. */
export interface FramedOptions<In = never, Out = unknown>
  extends TimeLimitOptions {
  /**
   * Asks a silent peer whether it is alive.
   *
   * @default {none}
   */
  heartbeat?: HeartbeatOptions<NoInfer<In>, NoInfer<Out>>;
  /**
   * The number of unsent bytes above which `send` returns a promise to wait for.
   *
   * @default {65_536}
   */
  highWaterMark?: number;
  /**
   * The number of unsent bytes above which `send` throws `SEND_BUFFER_FULL`. It stops
   * a loop that does not await `send` with an error, before the memory is full.
   *
   * @default {16_777_216}
   */
  maxSendBuffer?: number;
}

/** Options of {@linkcode Framed.receive}. */
export interface ReceiveFrameOptions {
  /**
   * Gives up the wait: `receive` rejects with its reason, and the next call gets the
   * frame.
   */
  signal?: AbortSignal;
  /**
   * How long to wait, in milliseconds. Then `receive` rejects with `TIMED_OUT`, and
   * the next call gets the frame.
   *
   * @default {Infinity}
   */
  timeoutMs?: number;
}

/** Options of {@linkcode Framed.startTls}. */
export interface StartTlsOptions {
  /**
   * How long the TLS handshake may take, in milliseconds. More than 0; `Infinity` for
   * no limit.
   *
   * @default {10_000}
   */
  handshakeTimeoutMs?: number;
}
