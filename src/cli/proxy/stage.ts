/** What becomes of the bytes of one direction. */
export interface Stage {
  /** Both sides are connected. It is called once, before all others. */
  start(): void;
  /** More bytes have come. */
  data(chunk: Uint8Array): void;
  /** The end of the source has come. */
  end(): void;
  /** The source has failed: nothing follows. */
  fail(): void;
  /** Nothing can be passed on any more: the connection to the receiver is over. */
  stop(): void;
}
