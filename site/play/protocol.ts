/** What the page and its worker tell each other. */

/** What a piece of the stream is. All pieces follow each other without a gap. */
export const KIND = { frame: 0, passed: 1, bad: 2, cut: 3 } as const;

/** A field of a piece, ready to be shown. */
export interface FieldRow {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** A piece of the stream, ready to be shown. */
export interface PieceRow {
  readonly index: number;
  /** The number of the frame, counted from 1. */
  readonly number: number;
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly FieldRow[];
  readonly text: string;
}

/** Why a stream ends at a place. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly offset: number;
  readonly expected: string;
  readonly got: string;
  readonly hint?: string | undefined;
}

/** What is wrong with an expression. */
export interface Refusal {
  readonly message: string;
  /** Counted from 1. */
  readonly column: number;
  readonly suggestion?: string | undefined;
}

/** What a decoder made of the bytes. */
export interface Decoded {
  readonly refusal?: Refusal;
  /** The expression in its normal form. */
  readonly normal: string;
  /** Where each piece begins, and where the last one ends. */
  readonly offsets: Uint32Array;
  readonly kinds: Uint8Array;
  readonly frames: number;
  /** After each chunk: the frames so far, and what the decoder holds. */
  readonly chunkFrames: Uint32Array;
  readonly chunkBuffered: Uint32Array;
  readonly chunkPending: Uint32Array;
  readonly failure?: Failure | undefined;
  /** What the decoder has told of frames that it passed over: code and offset. */
  readonly skipped: readonly (readonly [code: string, offset: number])[];
  /** The same format with recovery, where it has one and this one fails. */
  readonly recovery?: string | undefined;
  /** Whether all bytes have been looked at. */
  readonly done: boolean;
}

/** What can be written in an expression. */
export interface Vocabulary {
  readonly name: string;
  readonly isView: boolean;
  /** The options by their names, each with its words. */
  readonly options: readonly (readonly [
    name: string,
    words: readonly string[],
  ])[];
  /** The words of the options that have no names. */
  readonly words: readonly string[];
}

/** A guess with what speaks for it. */
export interface GuessRow {
  readonly expression: string;
  readonly confidence: string;
  readonly frames: number;
  readonly explained: number;
  readonly evidence: readonly string[];
}

/** One direction of a connection in a capture. */
export interface CapturedStream {
  readonly name: string;
  readonly length: number;
}

/** How a frame to encode is written. */
export type Notation = "text" | "json" | "hex";

/** What the page asks the worker for. */
export interface Engine {
  vocabulary(): Vocabulary[];
  /** Takes the bytes of the stream. */
  load(bytes: Uint8Array): void;
  /** Decodes them; a newer call ends it. */
  decode(
    expression: string,
    cuts: Uint32Array,
    tell: (decoded: Decoded) => void,
  ): Promise<Decoded | undefined>;
  /** The pieces from an index to another one. */
  rows(from: number, to: number): PieceRow[];
  guess(): { protocol: string; guesses: GuessRow[] };
  encode(
    expression: string,
    notation: Notation,
    text: string,
  ): Uint8Array<ArrayBuffer>;
  /**
   * Reads a capture: its streams. Of a file that is none, the bytes are taken as those
   * of the stream.
   */
  openFile(file: Blob): Promise<CapturedStream[] | undefined>;
  /** The bytes of one of them, and where its segments end. */
  captured(index: number): { bytes: Uint8Array; cuts: number[] };
  /** Makes the decoder of a live connection. */
  open(expression: string): void;
  /** The frames that a message of it completes. */
  receive(message: Uint8Array): string[];
}

/** A question to the worker. */
export interface Question {
  readonly id: number;
  readonly method: keyof Engine;
  readonly args: readonly unknown[];
}

/** An answer of the worker. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
  /** Whether there are more answers to come. */
  readonly more?: boolean;
}
