import { FrameError } from "../../../src/codec/errors.ts";
import type { Codec, Decoder } from "../../../src/codec/types.ts";
import { textOf } from "./piece_rows.ts";

/** The frames of a connection, as texts. */
export class LiveFrames {
  readonly #decoder: Decoder<unknown>;
  #hasFailed = false;

  constructor(codec: Codec<unknown>) {
    this.#decoder = codec.decoder();
  }

  /** The frames that a message completes; an error is the last of all. */
  receive(message: Uint8Array): string[] {
    const texts: string[] = [];
    if (this.#hasFailed) return texts;
    const decoder = this.#decoder;
    decoder.push(message);
    try {
      for (
        let frame = decoder.next();
        frame !== undefined;
        frame = decoder.next()
      ) texts.push(textOf(frame));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#hasFailed = true;
      texts.push(error.message);
    }
    return texts;
  }
}
