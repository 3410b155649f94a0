import type { ByteQueue } from "./byte_queue.ts";
import { checkChoice, checkCount } from "../../checks.ts";
import { MAX_FRAME_LENGTH, MAX_HEADER_LENGTH } from "../../defaults.ts";
import { FrameError } from "../errors.ts";
import type { FrameLimitOptions, HeaderLimitOptions } from "../types.ts";

/** The limit on the length of frames, and what happens to oversized ones. */
export interface FrameLimit {
  readonly maxFrameLength: number;
  /** The limit on the length of frames to encode. */
  readonly maxEncodedLength: number;
  /** Whether oversized frames are skipped. */
  readonly skips: boolean;
  /**
   * Throws the error of an oversized frame, or passes it to `onSkip` if such
   * frames are skipped. `length` is the announced length, if there is one.
   */
  refuse(offset: number, length?: number): void;
  /** Throws the error of a frame to encode that is over the limit. */
  checkEncoded(length: number): void;
}

/** Checks the options of a limit and fills in their defaults. */
export function frameLimit(options: FrameLimitOptions): FrameLimit {
  const {
    maxFrameLength = MAX_FRAME_LENGTH,
    maxEncodedLength = maxFrameLength,
    onOversize = "error",
    onSkip,
  } = options;
  checkCount("maxFrameLength", maxFrameLength, 0);
  checkCount("maxEncodedLength", maxEncodedLength, 0);
  checkChoice("onOversize", onOversize, ["error", "skip"]);
  const skips = onOversize === "skip";
  return {
    maxFrameLength,
    maxEncodedLength,
    skips,
    refuse(offset, length) {
      if (skips && onSkip === undefined) return;
      const error = tooLarge(maxFrameLength, length, offset);
      if (!skips) throw error;
      onSkip?.(error);
    },
    checkEncoded(length) {
      if (length <= maxEncodedLength) return;
      const isOneLimit = maxEncodedLength === maxFrameLength;
      const option = isOneLimit ? "maxFrameLength" : "maxEncodedLength";
      throw overLimit("frame", option, maxEncodedLength, length);
    },
  };
}

/** The error of a frame over the limit. */
export function tooLarge(
  maxFrameLength: number,
  length?: number,
  offset?: number,
): FrameError {
  return overLimit("frame", "maxFrameLength", maxFrameLength, length, offset);
}

/** Checks the limit on a header and fills in its default. */
export function headerLimit(options: HeaderLimitOptions): number {
  const { maxHeaderLength = MAX_HEADER_LENGTH } = options;
  // Every length field of a header has 32 bits.
  checkCount("maxHeaderLength", maxHeaderLength, 1, 0xffff_ffff);
  return maxHeaderLength;
}

/** The error of a header over its limit. */
export function headerTooLarge(
  maxHeaderLength: number,
  length?: number,
  offset?: number,
): FrameError {
  return overLimit(
    "header",
    "maxHeaderLength",
    maxHeaderLength,
    length,
    offset,
  );
}

function overLimit(
  what: "frame" | "header",
  option: "maxFrameLength" | "maxEncodedLength" | "maxHeaderLength",
  most: number,
  length?: number,
  offset?: number,
): FrameError {
  return new FrameError("FRAME_TOO_LARGE", {
    reason: `The ${what} is too large`,
    offset,
    expected: `at most ${most} bytes (${option})`,
    // Without an announced length, how much more depends on the chunks.
    got: length === undefined ? "more" : `${length} bytes`,
  });
}

/** The error of a length that its field, of at most `most`, cannot hold. */
export function tooLargeForField(length: number, most: number): FrameError {
  return new FrameError("FRAME_TOO_LARGE", {
    reason: "The frame is too large for its length field",
    expected: `a length of at most ${most}`,
    got: `${length}`,
  });
}

/** The error of a frame with too many parts within each other. */
export function tooDeep(maxDepth: number): FrameError {
  return new FrameError("FRAME_TOO_LARGE", {
    reason: "The frame is nested too deeply",
    expected: `at most ${maxDepth} levels (maxDepth)`,
    got: "more",
  });
}

/** The error of a stream that ends inside a frame. */
export function truncated(
  offset: number,
  expected: string,
  got: string,
): FrameError {
  return new FrameError("FRAME_TRUNCATED", {
    reason: "The stream ended inside a frame",
    offset,
    expected,
    got,
  });
}

/** The error of a stream that ends inside the current frame of its queue. */
export function cutOff(input: ByteQueue, expected: string): FrameError {
  return truncated(
    input.frameOffset,
    expected,
    `the end of the stream after ${input.pendingLength} bytes`,
  );
}
