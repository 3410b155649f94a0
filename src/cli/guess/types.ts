/** One direction of one connection, from its first byte on. */
export interface Sample {
  readonly bytes: Uint8Array;
  /** Whether the stream ended there. Otherwise the last frame may be cut off. */
  readonly ended: boolean;
}

/** How sure a guess is. */
export type Confidence = "certain" | "likely" | "possible";

/** A format that explains the bytes. */
export interface Guess {
  /** The format as an expression, which `parseFormat` reads. */
  readonly expression: string;
  readonly confidence: Confidence;
  /** How many whole frames it finds in the bytes that were looked at. */
  readonly frames: number;
  /** The share of those bytes that are in whole frames, from 0 to 1. */
  readonly explained: number;
  /** How many of those bytes are behind the last whole frame of their sample. */
  readonly left: number;
  /** What speaks for it, in sentences without a full stop. */
  readonly evidence: readonly string[];
}

/** A protocol that is known by how it begins. */
export interface NamedProtocol {
  readonly name: string;
  readonly evidence: string;
}

/** What the bytes can be. */
export interface GuessResult {
  /** The best first, at most five; none where the bytes do not tell. */
  readonly guesses: readonly Guess[];
  /** The protocol, where its beginning shows it. */
  readonly protocol?: NamedProtocol;
  /** How many bytes were looked at: a prefix of each sample. */
  readonly looked: number;
}
