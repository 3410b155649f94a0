import { describeCodec, limitNames, recoveryNames } from "../description.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { readerCodec } from "../define_codec.ts";
import {
  DelimiterFinder,
  type DelimiterSet,
  delimiterSet,
} from "../bytes/delimiter_finder.ts";
import { FrameError } from "../errors.ts";
import { frameLimit } from "../bytes/limits.ts";
import { type MarkedFormat, MarkedReader } from "../bytes/marked_reader.ts";
import { recovery } from "../bytes/recovery.ts";
import { checkCount } from "../../checks.ts";
import type {
  ByteFrameOptions,
  Codec,
  Encoder,
  FrameLimitOptions,
  RecoveryOptions,
} from "../types.ts";

/** Options of {@linkcode marked}. */
export interface MarkedOptions
  extends FrameLimitOptions, ByteFrameOptions, RecoveryOptions {
  /** What a frame begins with: a string (as UTF-8), or bytes. */
  start: string | Uint8Array;
  /** What a frame ends with: a string (as UTF-8), or bytes. */
  end: string | Uint8Array;
  /**
   * What may stand between an end mark and the next start mark: nothing, any bytes,
   * or the strings and bytes of a list, in any number and order. What may stand
   * there is passed over without a report. Anything else is refused with
   * `MARK_INVALID`, or, with `onInvalid: "skip"`, passed over up to the next start
   * mark, with one report for each such piece.
   *
   * | `between` | `onInvalid` | `<a>`, line feed, `x`, `<b>` |
   * | --- | --- | --- |
   * | `"error"` | `"error"` | `a`, then an error at offset 3 |
   * | `"error"` | `"skip"` | `a`, a report of `0a 78`, `b` |
   * | `["\n"]` | `"skip"` | `a`, a report of `78`, `b` |
   * | `"skip"` | | `a`, `b` |
   *
   * @default {"error"}
   */
  between?: "error" | "skip" | readonly (string | Uint8Array)[];
  /**
   * Whether a start mark inside a frame begins a new one. The frame that was broken
   * off is refused with `MARK_INVALID`, or, with `onInvalid: "skip"`, passed over
   * with a report. Only for formats whose content never contains the start mark:
   * the encoder refuses a frame that does.
   *
   * | `restart` | `onInvalid` | frames of `<a<b>` |
   * | --- | --- | --- |
   * | `false` | | `a<b` |
   * | `true` | `"error"` | none, and an error at offset 0 |
   * | `true` | `"skip"` | `b`, behind a report of `<a` |
   *
   * @default {false}
   */
  restart?: boolean;
  /**
   * How many bytes behind the end mark belong to the frame, such as a checksum.
   * They can be any bytes, also those of a mark. In both directions a frame is the
   * content with these bytes behind it, so that a view can check and add them:
   * `checksum(marked({ start, end, trailerLength: 1 }), lrc)`. A check that covers
   * the end mark as well has to add it to the bytes that it computes.
   *
   * | `trailerLength` | frames of `<ab>` and `3e` |
   * | --- | --- |
   * | 0 | `61 62`, then an error at offset 4 |
   * | 1 | `61 62 3e` |
   *
   * @default {0}
   */
  trailerLength?: number;
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
 * @example Noise, and a frame that is broken off, are each reported once
 * ```ts
 * import { marked, text } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const offsets: unknown[] = [];
 * const codec = text(marked({
 *   start: "<",
 *   end: ">",
 *   restart: true,
 *   onInvalid: "skip",
 *   onSkip: (error) => offsets.push(error.offset),
 * }));
 * const bytes = new TextEncoder().encode("<one>noise<tw<three>");
 * assertEquals(codec.decode(bytes), ["one", "three"]);
 * assertEquals(offsets, [5, 10]);
 * ```
 *
 * @example STX, the content, ETX, and a checksum of one byte
 * ```ts
 * import { checksum, marked } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = checksum(
 *   marked({ start: "\x02", end: "\x03", trailerLength: 1 }),
 *   {
 *     length: 1,
 *     compute: (bytes) => Uint8Array.of(bytes.reduce((sum, b) => sum ^ b, 0)),
 *   },
 * );
 * const bytes = codec.encode(Uint8Array.of(0x41, 0x42));
 * assertEquals(bytes, Uint8Array.of(0x02, 0x41, 0x42, 0x03, 0x03));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(0x41, 0x42)]);
 * ```
 *
 * Errors of its frames: `MARK_INVALID`, `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`;
 * `DELIMITER_IN_FRAME` if a frame to encode contains the end mark, or, with
 * `restart`, the start mark; and `LENGTH_INVALID` if it is shorter than its
 * trailer.
 *
 * @param options The marks, the limit, and what may stand between frames.
 * @returns The codec.
 * @throws {TypeError} If a mark is empty, or an option has none of its values; if
 * the start mark begins with what may stand between frames; or, with `restart`, if
 * the end mark contains the start mark.
 * @throws {RangeError} If the limit or the length of the trailer is not a whole
 * number.
 */
export function marked(options: MarkedOptions): Codec<Uint8Array> {
  const description = describeCodec("marked", options, [
    ...limitNames,
    ...recoveryNames,
    "copy",
    "start",
    "end",
    "between",
    "restart",
    "trailerLength",
  ]);
  const { restart = false, trailerLength = 0, copy = false } = options;
  const start = delimiterSet(options.start, "start");
  const end = delimiterSet(options.end, "end");
  checkCount("trailerLength", trailerLength, 0);
  if (restart && find(start, end.first.subarray(0, -1)) !== undefined) {
    throw new TypeError(
      "Cannot use restart: expected an end mark without the start mark in it",
    );
  }
  return {
    ...markedCodec("marked", {
      start,
      end,
      keepStart: false,
      between: betweenFrames(options.between, start),
      restart,
      trailerLength,
      limit: frameLimit(options),
      invalid: recovery(options),
      copy,
    }),
    description,
  };
}

/** Makes the codec of a format with marks. */
export function markedCodec(
  name: string,
  format: MarkedFormat,
): Codec<Uint8Array> {
  return readerCodec({
    name,
    reader: () => new MarkedReader(format),
    encoder: new MarkedEncoder(format),
  });
}

/** Checks what may stand between frames. */
function betweenFrames(
  between: MarkedOptions["between"] = "error",
  start: DelimiterSet,
): MarkedFormat["between"] {
  if (between === "error" || between === "skip") return between;
  if (!Array.isArray(between)) {
    throw new TypeError(
      `Cannot use between: expected "error", "skip" or a list, got ${between}`,
    );
  }
  const encoder = new TextEncoder();
  const separators = between
    .map((one) => typeof one === "string" ? encoder.encode(one) : one)
    // Nothing of this is written, so the order given has no meaning.
    .sort((a, b) => b.length - a.length);
  if (separators.some((one) => begins(start.first, one))) {
    throw new TypeError(
      "Cannot use between: the start mark must not begin with any of it",
    );
  }
  return delimiterSet(separators, "between");
}

class MarkedEncoder implements Encoder<Uint8Array> {
  readonly #format: MarkedFormat;

  constructor(format: MarkedFormat) {
    this.#format = format;
  }

  encode(frame: Uint8Array, output: ByteWriter): void {
    const { start, end, keepStart, restart, trailerLength, limit } =
      this.#format;
    limit.checkEncoded(frame.length);
    const contentEnd = frame.length - trailerLength;
    if (contentEnd < 0) {
      throw new FrameError("LENGTH_INVALID", {
        reason: "The frame is shorter than its trailer",
        expected: `at least ${trailerLength} bytes (trailerLength)`,
        got: `${frame.length} bytes`,
      });
    }
    const content = trailerLength === 0 ? frame : frame.subarray(0, contentEnd);
    const at = output.length;
    if (!keepStart) output.write(start.first);
    output.write(content);
    output.write(end.first);
    // A mark that is complete before the end mark would end the frame.
    const contentAt = at + start.first.length;
    const before = output.view(contentAt).subarray(0, -1);
    const mark = find(end, before) ??
      (restart ? find(start, before) : undefined);
    if (mark === undefined) {
      output.write(frame.subarray(contentEnd));
      return;
    }
    output.truncate(at);
    throw new FrameError("DELIMITER_IN_FRAME", {
      reason: "The frame contains a mark of its format",
      expected: "no mark before the end",
      got: `one at byte ${mark + (keepStart ? start.first.length : 0)}`,
    });
  }
}

/** The index of the first mark in bytes that are all there, if there is one. */
function find(marks: DelimiterSet, bytes: Uint8Array): number | undefined {
  const input = new ByteQueue();
  input.push(bytes);
  const finder = new DelimiterFinder(marks);
  return finder.find(input, true) ? finder.index : undefined;
}

function begins(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}
