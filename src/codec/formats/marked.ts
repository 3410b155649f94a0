import { ByteQueue } from "../bytes/byte_queue.ts";
import { defineCodec } from "../define_codec.ts";
import {
  DelimiterFinder,
  type DelimiterSet,
  delimiterSet,
} from "../bytes/delimiter_finder.ts";
import { FrameError } from "../errors.ts";
import {
  type FrameLimit,
  frameLimit,
  tooLarge,
  truncated,
} from "../bytes/limits.ts";
import type {
  ByteFrameOptions,
  Codec,
  FrameLimitOptions,
  FrameReader,
} from "../types.ts";

/** Options of {@linkcode marked}. */
export interface MarkedOptions extends FrameLimitOptions, ByteFrameOptions {
  /** What a frame begins with: a string (as UTF-8), or bytes. */
  start: string | Uint8Array;
  /** What a frame ends with: a string (as UTF-8), or bytes. */
  end: string | Uint8Array;
  /**
   * What to do with bytes between an end mark and the next start mark: refuse
   * them with `MARK_INVALID`, or skip them, for lines with noise.
   *
   * @default {"error"}
   */
  between?: "error" | "skip";
}

/**
 * Frames between a start mark and an end mark.
 *
 * @example HL7's minimal lower layer protocol: `0b`, the message, `1c 0d`
 * ```ts
 * import { marked } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = marked({ start: "\x0b", end: "\x1c\r" });
 * const bytes = codec.encode(Uint8Array.of(0x4d));
 * assertEquals(bytes, Uint8Array.of(0x0b, 0x4d, 0x1c, 0x0d));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(0x4d)]);
 * ```
 *
 * Errors of its frames: `MARK_INVALID`, `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`,
 * and `DELIMITER_IN_FRAME` if a frame to encode contains the end mark.
 *
 * @param options The marks, the limit, and what may stand between frames.
 * @returns The codec.
 * @throws {TypeError} If a mark is empty, or an option has none of its values.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function marked(options: MarkedOptions): Codec<Uint8Array> {
  const { between = "error", copy = false } = options;
  if (between !== "error" && between !== "skip") {
    throw new TypeError(
      `Cannot use between: expected "error" or "skip", got ${between}`,
    );
  }
  const start = delimiterSet(options.start);
  const end = delimiterSet(options.end);
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  return defineCodec({
    name: "marked",
    reader: () =>
      new MarkedReader({ start, end, skips: between === "skip", limit, copy }),
    encoder: {
      encode(frame, output) {
        if (frame.length > maxFrameLength) {
          throw tooLarge(maxFrameLength, frame.length);
        }
        const at = output.length;
        output.write(start.first);
        output.write(frame);
        output.write(end.first);
        const written = new ByteQueue();
        written.push(output.view(at + start.first.length));
        const finder = new DelimiterFinder(end);
        finder.find(written, true);
        if (finder.index === frame.length) return;
        output.truncate(at);
        throw new FrameError("DELIMITER_IN_FRAME", {
          reason: "The frame contains its end mark",
          expected: "no end mark before the end",
          got: `one at byte ${finder.index}`,
        });
      },
    },
  });
}

interface MarkedFormat {
  readonly start: DelimiterSet;
  readonly end: DelimiterSet;
  /** Whether bytes between frames are skipped. */
  readonly skips: boolean;
  readonly limit: FrameLimit;
  readonly copy: boolean;
}

class MarkedReader implements FrameReader<Uint8Array> {
  readonly #format: MarkedFormat;
  readonly #starts: DelimiterFinder;
  readonly #ends: DelimiterFinder;
  /** Whether the current frame is oversized and skipped. */
  #skipping = false;

  constructor(format: MarkedFormat) {
    this.#format = format;
    this.#starts = new DelimiterFinder(format.start);
    this.#ends = new DelimiterFinder(format.end);
  }

  read(input: ByteQueue): Uint8Array | undefined {
    const { start, end, limit, copy } = this.#format;
    const finder = this.#ends;
    while (this.#skipping || this.#findStart(input)) {
      const found = finder.find(input, false);
      const { index } = finder;
      if (this.#skipping) {
        input.skip(found ? index + end.first.length : index);
        if (!found) return undefined;
        this.#skipping = false;
        input.frameOffset = input.offset;
        continue;
      }
      if (index - start.first.length > limit.maxFrameLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (!found) return undefined;
      input.skip(start.first.length);
      const frame = input.take(index - start.first.length);
      input.skip(end.first.length);
      return copy ? frame.slice() : frame;
    }
    return undefined;
  }

  finish(input: ByteQueue): undefined {
    const inFrame = this.#skipping || this.#findStart(input);
    if (!inFrame && (this.#format.skips || input.length === 0)) {
      input.skip(input.length);
      return undefined;
    }
    throw truncated(
      input.frameOffset,
      inFrame ? "an end mark" : "a start mark",
      `the end of the stream after ${
        input.offset + input.length - input.frameOffset
      } bytes`,
    );
  }

  /**
   * Skips the bytes before a start mark. Returns `true` if the mark is there;
   * it stays unread until its frame is complete.
   */
  #findStart(input: ByteQueue): boolean {
    const { start, skips } = this.#format;
    const finder = this.#starts;
    const found = finder.find(input, false);
    if (finder.index > 0) {
      if (!skips) throw noStart(input, start.first);
      input.skip(finder.index);
      input.frameOffset = input.offset;
    }
    if (found) this.#ends.startAt(input.offset + start.first.length);
    return found;
  }
}

function noStart(input: ByteQueue, start: Uint8Array): FrameError {
  const hex = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return new FrameError("MARK_INVALID", {
    reason: "The frame does not begin with its start mark",
    offset: input.offset,
    expected: hex(start),
    // Independent of the chunks: no more bytes than the mark has.
    got: hex(input.peek(1)),
  });
}
