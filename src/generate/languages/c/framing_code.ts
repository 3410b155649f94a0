/** The code of a framing: what of it the rest puts together. */
export interface FramingCode {
  /** Fields of the decoder. */
  readonly fields?: string;
  /** Statements that forget what is known of an incomplete frame. */
  readonly forgets?: string;
  /** Functions that the statements call. */
  readonly functions?: string;
  /**
   * Statements that find the next frame of the decoder `d`, set `bytes` and `length` of
   * `frame` and `used` of the decoder, and return.
   */
  readonly reads: string;
  /** How the statements say what an incomplete frame needs, if its end is an error. */
  readonly waits?: "bytes" | "words";
  /** Statements that free what the fields point to. */
  readonly frees?: string;
  readonly encoding: Encoding | WholeEncoding | WholeFunction;
}

/** How a frame is encoded whose bytes are written as they are. */
export interface Encoding {
  /** Statements that refuse a frame of so many bytes, and work out what is needed. */
  readonly checks: string;
  /** The length of what stands before the bytes, and of what stands behind them. */
  readonly before: string;
  readonly behind: string;
  /** Statements that write what stands before the bytes: the frame begins at `at`. */
  readonly head?: string;
  /** Statements that write what stands behind them, and refuse a frame so written. */
  readonly tail?: string;
}

/** How a frame is encoded whose bytes do not stay as they are. */
export interface WholeEncoding {
  readonly checks: string;
  /** How many bytes are written at most. */
  readonly most: string;
  /** Statements that write the bytes at `source`, and set `end` behind the last one. */
  readonly writes: string;
}

/** The function that encodes frames of a type of their own. */
export interface WholeFunction {
  readonly function: string;
}

/** What stands for the length of the bytes in the statements of an encoding. */
export type BodyLength = "length" | "body";
