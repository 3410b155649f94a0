import type { Decoded } from "./tested_format.ts";

/** What a decoder is to make of a stream. */
export interface DecoderCase extends Decoded {
  readonly input: Uint8Array;
}

/** What an encoder is to make of frames. */
export interface EncoderCase {
  readonly frames: readonly unknown[];
  /** The bytes; where there are several right ones, their frames are compared. */
  readonly bytes?: Uint8Array;
  /** The code of the error with which the last frame is refused. */
  readonly refused?: string;
}

/** One case that a peer has to pass. */
export interface ConformCase {
  readonly name: string;
  /** The file that it is of, or `generated`. */
  readonly source: string;
  readonly decoder?: DecoderCase;
  readonly encoder?: EncoderCase;
  /** Why nobody can be asked. */
  readonly skipped?: string;
}
