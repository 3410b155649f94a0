import type { ByteQueue } from "./byte_queue.ts";
import type { FrameReader } from "../types.ts";
import { FrameError } from "../errors.ts";
import { type FrameLimit, truncated } from "./limits.ts";

/** A format that rids its frames of one byte, to end them with it. */
export interface Stuffing {
  /** The byte that ends a frame and is nowhere else. */
  readonly end: number;
  /** The most bytes that a frame of the limit can have on the wire. */
  readonly maxStuffedLength: number;
  readonly limit: FrameLimit;
  /** Whether frames are copies; those that had to be unstuffed are anyway. */
  readonly copy: boolean;
  /** Gives the frame back, or says what is wrong. */
  unstuff(bytes: Uint8Array): Uint8Array | string;
}

/**
 * Finds the frames of a format with byte stuffing. Nothing between two end bytes
 * is no frame.
 */
export class StuffedReader implements FrameReader<Uint8Array> {
  readonly #stuffing: Stuffing;
  /** The position in the stream before which there is no end byte. */
  #scanned = 0;
  #skipping = false;

  constructor(stuffing: Stuffing) {
    this.#stuffing = stuffing;
  }

  read(input: ByteQueue): Uint8Array | undefined {
    const { end, maxStuffedLength, limit, copy, unstuff } = this.#stuffing;
    while (true) {
      const from = Math.max(0, this.#scanned - input.offset);
      const found = input.indexOf(end, from);
      const length = found < 0 ? input.length : found;
      this.#scanned = input.offset + length;
      if (!this.#skipping && length > maxStuffedLength) {
        // Set before the report, whose receiver may read on: look again after.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (this.#skipping) input.skip(length);
      if (found < 0) return undefined;
      const bytes = this.#skipping ? nothing : input.take(length);
      input.skip(1);
      if (bytes.length > 0) {
        const frame = unstuff(bytes);
        if (typeof frame === "string") throw stuffingInvalid(input, frame);
        if (frame.length <= limit.maxFrameLength) {
          return copy && frame.buffer === bytes.buffer ? frame.slice() : frame;
        }
        limit.refuse(input.frameOffset);
      }
      this.#skipping = false;
      input.frameOffset = input.offset;
    }
  }

  finish(input: ByteQueue): undefined {
    if (input.length === 0 && !this.#skipping) return undefined;
    throw truncated(
      input.frameOffset,
      "the byte that ends the frame",
      `the end of the stream after ${
        input.offset + input.length - input.frameOffset
      } bytes`,
    );
  }
}

function stuffingInvalid(input: ByteQueue, got: string): FrameError {
  return new FrameError("MARK_INVALID", {
    reason: "The frame is not stuffed as its format says",
    offset: input.frameOffset,
    expected: "what its encoder would write",
    got,
  });
}

const nothing = new Uint8Array(0);
