import type { ByteQueue } from "./byte_queue.ts";
import type { FrameReader } from "../types.ts";
import { FrameError } from "../errors.ts";
import { cutOff, type FrameLimit } from "./limits.ts";
import type { Refusal } from "./recovery.ts";

/**
 * A format that encodes frames so that one byte does not occur in them, and
 * ends each frame with that byte.
 */
export interface Stuffing {
  /** The byte that ends a frame and occurs nowhere else. */
  readonly end: number;
  /** The maximum length on the wire of a frame within the limit. */
  readonly maxStuffedLength: number;
  readonly limit: FrameLimit;
  /** Whether frames are copies. Frames that had to be unstuffed always are. */
  readonly copy: boolean;
  /** Returns the frame, or what makes the error of bytes that are none. */
  unstuff(bytes: Uint8Array, offset: number): Uint8Array | Refusal;
  /** Throws the error of bytes that are no frame, or passes them over. */
  refuse(refusal: Refusal, bytes: Uint8Array): void;
}

/**
 * Reads the frames of a format with byte stuffing. Two end bytes in a row do
 * not make an empty frame.
 */
export class StuffedReader implements FrameReader<Uint8Array> {
  readonly #stuffing: Stuffing;
  /** The offset in the stream before which there is no end byte. */
  #scanned = 0;
  #skipping = false;

  constructor(stuffing: Stuffing) {
    this.#stuffing = stuffing;
  }

  read(input: ByteQueue): Uint8Array | undefined {
    const stuffing = this.#stuffing;
    const { end, maxStuffedLength, limit, copy } = stuffing;
    while (true) {
      const from = Math.max(0, this.#scanned - input.offset);
      const found = input.indexOf(end, from);
      const length = found < 0 ? input.length : found;
      this.#scanned = input.offset + length;
      if (!this.#skipping && length > maxStuffedLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (this.#skipping) input.skip(length);
      if (found < 0) return undefined;
      const bytes = this.#skipping ? nothing : input.take(length);
      input.skip(1);
      const offset = input.frameOffset;
      const frame = bytes.length > 0
        ? stuffing.unstuff(bytes, offset)
        : undefined;
      if (frame instanceof Uint8Array && frame.length <= limit.maxFrameLength) {
        return copy && frame.buffer === bytes.buffer ? frame.slice() : frame;
      }
      // Set before `onSkip` is called.
      this.#skipping = false;
      input.endFrame();
      if (typeof frame === "function") stuffing.refuse(frame, bytes);
      else if (frame !== undefined) limit.refuse(offset);
    }
  }

  finish(input: ByteQueue): undefined {
    if (input.length === 0 && !this.#skipping) return undefined;
    throw cutOff(input, "the byte that ends the frame");
  }
}

/** The error of bytes that no encoder of the format writes. */
export function stuffingInvalid(got: string, offset: number): Refusal {
  return () =>
    new FrameError("MARK_INVALID", {
      reason: "The frame is not stuffed as its format says",
      offset,
      expected: "what its encoder would write",
      got,
    });
}

const nothing = new Uint8Array(0);
