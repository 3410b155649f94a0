import { hexOf } from "./hex.ts";
import type { ByteQueue } from "./byte_queue.ts";
import { DelimiterFinder, type DelimiterSet } from "./delimiter_finder.ts";
import { FrameError } from "../errors.ts";
import { cutOff, type FrameLimit } from "./limits.ts";
import { type Recovery, type Refusal, SHOWN_BYTES } from "./recovery.ts";
import type { FrameReader } from "../types.ts";

/** A format with marks, its options checked. */
export interface MarkedFormat {
  /** Start marks, all of the same length. */
  readonly start: DelimiterSet;
  readonly end: DelimiterSet;
  /**
   * Whether frames include their start mark, in both directions. The encoder takes
   * for granted that a frame begins with one.
   */
  readonly keepStart: boolean;
  /** What may stand between frames: nothing, any bytes, or these. */
  readonly between: "error" | "skip" | DelimiterSet;
  readonly restart: boolean;
  readonly trailerLength: number;
  readonly limit: FrameLimit;
  readonly invalid: Recovery;
  readonly copy: boolean;
}

/** Why a frame ends where it does. */
type FrameEnd = "end mark" | "start mark";

/** Finds the frames between marks. */
export class MarkedReader implements FrameReader<Uint8Array> {
  readonly #format: MarkedFormat;
  readonly #starts: DelimiterFinder;
  readonly #ends: DelimiterFinder;
  /** Finds the start marks inside of frames. */
  readonly #restarts: DelimiterFinder | undefined;
  readonly #separators: DelimiterFinder | undefined;
  /**
   * The offset in the stream of the frame whose start mark has been found. The mark
   * stays unread until the frame is complete. An offset and not a flag:
   * `takeUnread` may have removed the bytes.
   */
  #startedAt = -1;
  #startLength = 0;
  /** Where the content ends, or before which index it does not. */
  #contentEnd = 0;
  /** Whether the current frame is oversized and skipped. */
  #skipping = false;
  /** The bytes between two frames that are passed over with a report. */
  #noise: { readonly refusal: Refusal; bytes: Uint8Array } | undefined;

  constructor(format: MarkedFormat) {
    const { start, end, between, restart } = format;
    this.#format = format;
    this.#starts = new DelimiterFinder(start);
    this.#ends = new DelimiterFinder(end);
    if (restart) this.#restarts = new DelimiterFinder(start);
    if (typeof between === "object") {
      this.#separators = new DelimiterFinder(between);
    }
  }

  read(input: ByteQueue): Uint8Array | undefined {
    const { keepStart, trailerLength, limit } = this.#format;
    while (this.#skipping || this.#findStart(input, false)) {
      const found = this.#findEnd(input);
      const contentEnd = this.#contentEnd;
      const length = contentEnd + trailerLength -
        (keepStart ? 0 : this.#startLength);
      if (!this.#skipping && length > limit.maxFrameLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (found === "start mark") {
        this.#breakOff(input);
        continue;
      }
      const end = contentEnd + this.#ends.length + trailerLength;
      if (found === undefined || input.length < end) {
        if (this.#skipping) input.skip(contentEnd);
        return undefined;
      }
      if (!this.#skipping) return this.#take(input);
      input.skip(end);
      this.#skipping = false;
      input.endFrame();
    }
    return undefined;
  }

  finish(input: ByteQueue): undefined {
    const inFrame = this.#skipping || this.#findStart(input, true);
    if (!inFrame && this.#format.between === "skip") {
      input.skip(input.length);
      return undefined;
    }
    if (!inFrame && this.#noise !== undefined) {
      // What is left may be the beginning of a start mark: it became none.
      this.#passOver(input, input.length);
      this.#reportNoise();
      return undefined;
    }
    if (!inFrame && input.length === 0) return undefined;
    throw cutOff(input, inFrame ? "an end mark" : "a start mark");
  }

  /** Finds the start mark of the next frame; `true` when it is there. */
  #findStart(input: ByteQueue, ended: boolean): boolean {
    const starts = this.#starts;
    const separators = this.#separators;
    while (this.#startedAt !== input.offset) {
      const found = starts.find(input, false);
      if (starts.index > 0) {
        if (separators !== undefined && this.#noise === undefined) {
          const isSeparator = separators.find(input, ended);
          if (separators.index === 0) {
            // It may still become one.
            if (!isSeparator) return false;
            input.skip(separators.length);
            input.endFrame();
            continue;
          }
        }
        this.#passOver(input, starts.index);
      }
      if (!found) return false;
      this.#startedAt = input.offset;
      this.#startLength = starts.length;
      this.#ends.startAt(input.offset + starts.length);
      this.#restarts?.startAt(input.offset + starts.length);
      // `onSkip` may call the decoder: look again whether a frame has begun.
      this.#reportNoise();
    }
    return true;
  }

  /**
   * Finds the mark that is complete first, and so ends the current frame. Sets where
   * the content ends.
   */
  #findEnd(input: ByteQueue): FrameEnd | undefined {
    const ends = this.#ends;
    const restarts = this.#restarts;
    const ended = ends.find(input, false);
    this.#contentEnd = ends.index;
    if (restarts === undefined) return ended ? "end mark" : undefined;
    const restarted = restarts.find(input, false);
    if (
      ended && !(restarted &&
        restarts.index + restarts.length < ends.index + ends.length)
    ) return "end mark";
    this.#contentEnd = restarted
      ? restarts.index
      : Math.min(ends.index, restarts.index);
    return restarted ? "start mark" : undefined;
  }

  /** Takes the frame, whose bytes are all there. */
  #take(input: ByteQueue): Uint8Array {
    const { keepStart, trailerLength, copy } = this.#format;
    const before = keepStart ? 0 : this.#startLength;
    const length = this.#contentEnd - before;
    const endLength = this.#ends.length;
    if (trailerLength === 0) {
      const frame = input.take(length, before, endLength);
      return copy ? frame.slice() : frame;
    }
    const bytes = input.take(length + endLength + trailerLength, before);
    const frame = new Uint8Array(length + trailerLength);
    frame.set(bytes.subarray(0, length));
    frame.set(bytes.subarray(length + endLength), length);
    return frame;
  }

  /** Ends the current frame where the next one begins. */
  #breakOff(input: ByteQueue): void {
    const { invalid } = this.#format;
    const bytes = input.peek(this.#contentEnd);
    const offset = input.frameOffset;
    const isReported = this.#skipping;
    // Set before `onSkip` is called, which may call the decoder.
    if (isReported || invalid.skips) {
      this.#skipping = false;
      input.skip(bytes.length);
      input.endFrame();
    }
    if (isReported) return;
    invalid.refuse(
      () =>
        new FrameError("MARK_INVALID", {
          reason: "The frame is broken off",
          offset,
          expected: "an end mark",
          got: `a start mark after ${bytes.length} bytes`,
        }),
      bytes,
    );
  }

  /** Passes over bytes between two frames, or refuses them. */
  #passOver(input: ByteQueue, count: number): void {
    const { between, invalid, start } = this.#format;
    if (between !== "skip") {
      if (this.#noise === undefined) {
        // Independent of the chunks: only the first byte is shown.
        const got = input.peek(1);
        const { offset } = input;
        const refusal = () => noStart(start, got, offset);
        if (!invalid.skips) throw refusal();
        this.#noise = { refusal, bytes: new Uint8Array(0) };
      }
      const shown = this.#noise.bytes;
      const more = input.peek(Math.min(count, SHOWN_BYTES - shown.length));
      if (more.length > 0) this.#noise.bytes = Uint8Array.of(...shown, ...more);
    }
    input.skip(count);
    input.frameOffset = input.offset;
  }

  /** Reports the bytes that were passed over, if there are any. */
  #reportNoise(): void {
    const noise = this.#noise;
    if (noise === undefined) return;
    this.#noise = undefined;
    this.#format.invalid.refuse(noise.refusal, noise.bytes);
  }
}

/** The error of bytes that do not begin with a start mark. */
function noStart(
  { groups }: DelimiterSet,
  got: Uint8Array,
  offset: number,
): FrameError {
  const marks = groups.flatMap(({ delimiters }) => delimiters);
  return new FrameError("MARK_INVALID", {
    reason: "The frame does not begin with its start mark",
    offset,
    expected: marks.map((mark) => hexOf(mark)).join(" or "),
    got: hexOf(got),
  });
}
