/** Options of {@linkcode framed}. */
export interface FramedOptions {
  /**
   * From how many bytes waiting to be sent on `send` returns a promise to wait
   * for, in bytes.
   *
   * @default {65_536}
   */
  highWaterMark?: number;
  /**
   * The most bytes that may wait to be sent when `send` is called without
   * waiting; over it, `send` throws `SEND_BUFFER_FULL`, so that a loop that
   * forgets to wait is stopped by an error and not by the memory.
   *
   * @default {16_777_216}
   */
  maxSendBuffer?: number;
}
