import { FrameError } from "../../../src/codec/errors.ts";
import type { Codec, Decoder } from "../../../src/codec/types.ts";
import { KIND } from "../protocol.ts";
import { Numbers } from "./numbers.ts";

/** So many values are kept; those of later frames are decoded again when shown. */
const MOST_VALUES = 4096;

/** Cuts a stream into pieces as its decoder does, chunk by chunk. */
export class Pieces {
  readonly offsets: Numbers = new Numbers();
  readonly kinds: Numbers = new Numbers();
  /** The number of frames up to and including each piece. */
  readonly numbers: Numbers = new Numbers();
  readonly values: unknown[] = [];
  /** The frames so far. */
  frames = 0;
  error: FrameError | undefined;
  /** Whether the decoder has taken the bad frame, since only its content is wrong. */
  isTaken = false;
  /** Where the last piece ends. */
  end = 0;
  readonly decoder: Decoder<unknown>;
  /** How many bytes have been pushed. */
  #pushed = 0;

  constructor(codec: Codec<unknown>) {
    this.decoder = codec.decoder();
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Uint8Array): void {
    if (this.error !== undefined) return;
    this.#pushed += chunk.length;
    this.decoder.push(chunk);
    this.#drain();
  }

  /** Says that there are no more. */
  finish(): void {
    if (this.error !== undefined) return;
    this.decoder.end();
    this.#drain();
    if (this.error === undefined) this.#passTo(this.#pushed);
  }

  #drain(): void {
    const { decoder } = this;
    try {
      for (
        let value = decoder.next();
        value !== undefined;
        value = decoder.next()
      ) {
        this.#passTo(decoder.frameOffset);
        this.frames++;
        this.#add(KIND.frame, this.#pushed - decoder.bufferedBytes, value);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: FrameError): void {
    const { offset = this.end } = error;
    const next = this.#pushed - this.decoder.bufferedBytes;
    const isCut = error.code === "FRAME_TRUNCATED";
    this.#passTo(offset);
    this.error = error;
    this.isTaken = next > offset && !isCut;
    this.#add(
      isCut ? KIND.cut : KIND.bad,
      this.isTaken ? next : Math.max(this.#pushed, offset),
    );
  }

  #passTo(offset: number): void {
    if (offset > this.end) this.#add(KIND.passed, offset);
  }

  #add(kind: number, end: number, value?: unknown): void {
    if (this.offsets.length < MOST_VALUES) this.values.push(value);
    this.offsets.push(this.end);
    this.kinds.push(kind);
    this.numbers.push(this.frames);
    this.end = end;
  }
}
