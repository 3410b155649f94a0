import { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import { FrameError } from "../../codec/errors.ts";
import type { Codec, Decoder } from "../../codec/types.ts";

/** A piece of a stream; all pieces together are the stream, up to a bad frame. */
export interface Found {
  /** A frame, what the decoder passed over, or what is no frame. */
  readonly kind: "frame" | "passed" | "bad";
  /** Where it begins in the stream. */
  readonly offset: number;
  /** All its bytes; of a bad frame, all that have come. */
  readonly bytes: Uint8Array;
  /** What a frame was decoded to. */
  readonly value?: unknown;
  /** Why a frame is bad. */
  readonly error?: FrameError;
  /** Whether the decoder took a bad frame, since only its content is wrong. */
  readonly isTaken?: boolean;
}

/** So many bytes of an oversized frame that is skipped are kept to be shown at once. */
const MOST_PASSED = 65_536;

/** Splits a stream as its decoder does, and keeps the bytes. */
export class FrameFinder {
  readonly #decoder: Decoder<unknown>;
  readonly #start: number;
  /** What has come and was not found to be anything yet. */
  readonly #held = new ByteQueue();
  #waiting: Found | undefined;
  #ended = false;

  /** Makes one for a stream whose first byte has an offset. */
  constructor(codec: Codec<unknown>, start = 0) {
    this.#decoder = codec.decoder();
    this.#start = start;
  }

  /** How many bytes of a frame wait for the rest of it. */
  get heldLength(): number {
    return this.#held.length;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    this.#held.push(chunk);
  }

  /** Says that there are no more. */
  end(): void {
    this.#ended = true;
    this.#decoder.end();
  }

  /** The next piece; `undefined` if more bytes are needed, and at the end. */
  next(): Found | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) return waiting;
    try {
      const value = this.#decoder.next();
      if (value === undefined) return this.#passed();
      const { frameOffset } = this.#decoder;
      return this.#behindPassed(frameOffset, () => ({
        kind: "frame",
        offset: this.#offset,
        bytes: this.#take(this.#held.length - this.#decoder.bufferedBytes),
        value,
      }));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return this.#bad(error);
    }
  }

  #bad(error: FrameError): Found {
    const { offset = this.#held.offset } = error;
    return this.#behindPassed(offset, () => {
      const taken = this.#held.length - this.#decoder.bufferedBytes;
      const isTaken = taken > 0;
      const isCut = error.code === "FRAME_TRUNCATED";
      return {
        kind: "bad",
        offset: this.#offset,
        bytes: this.#take(isTaken && !isCut ? taken : this.#held.length),
        error,
        isTaken,
      };
    });
  }

  /** What lies before an offset, if there is anything; then what begins there. */
  #behindPassed(offset: number, make: () => Found): Found {
    const length = Math.max(0, offset - this.#held.offset);
    if (length === 0) return make();
    const passed = this.#pass(Math.min(length, this.#held.length));
    this.#waiting = make();
    return passed;
  }

  /** What the decoder has let go without a frame, where it is much or the end. */
  #passed(): Found | undefined {
    const passed = this.#held.length - this.#decoder.bufferedBytes;
    return passed > (this.#ended ? 0 : MOST_PASSED)
      ? this.#pass(passed)
      : undefined;
  }

  #pass(length: number): Found {
    return { kind: "passed", offset: this.#offset, bytes: this.#take(length) };
  }

  #take(length: number): Uint8Array {
    return this.#held.take(length);
  }

  get #offset(): number {
    return this.#start + this.#held.offset;
  }
}
