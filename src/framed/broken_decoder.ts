import type { Decoder } from "../codec/types.ts";

/** The decoder after an abort: it only throws. */
export class BrokenDecoder implements Decoder<never> {
  readonly bufferedBytes = 0;
  readonly pendingBytes = 0;
  readonly frameOffset = 0;
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  push(): void {}

  next(): never {
    throw this.#error;
  }

  end(): void {}

  takeUnread(): Uint8Array {
    return new Uint8Array(0);
  }
}
