import { describeCodec, limitNames } from "../description.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { readerCodec } from "../define_codec.ts";
import {
  DelimiterFinder,
  type DelimiterSet,
  delimiterSet,
} from "../bytes/delimiter_finder.ts";
import {
  checkTruncated,
  emptyLeftOut,
  takeRest,
  type TruncatedPolicy,
} from "../bytes/delimited_frame.ts";
import { FrameError } from "../errors.ts";
import { type FrameLimit, frameLimit } from "../bytes/limits.ts";
import type {
  ByteFrameOptions,
  Codec,
  FrameLimitOptions,
  FrameReader,
} from "../types.ts";

export type { TruncatedPolicy };

/** Options of {@linkcode delimited}. */
export interface DelimitedOptions extends FrameLimitOptions, ByteFrameOptions {
  /**
   * The delimiter: a string (as UTF-8), bytes, or a list of them. With a list,
   * the delimiter that begins first ends the frame, and the longest if several
   * begin at the same byte. The encoder writes the first of the list.
   */
  delimiter: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * Whether frames include their delimiter, in both directions. The limit does
   * not count it.
   *
   * | `keepDelimiter` | frames of `61 0a 62 0a` |
   * | --- | --- |
   * | `false` | `61`, `62` |
   * | `true` | `61 0a`, `62 0a` |
   *
   * @default {false}
   */
  keepDelimiter?: boolean;
  /**
   * Whether empty frames are left out, such as the empty lines that keep a
   * connection alive. They are not reported, and the encoder refuses an empty
   * frame, which would not come back.
   *
   * | `skipEmpty` | frames of `61 0a 0a 62 0a` |
   * | --- | --- |
   * | `false` | `61`, none, `62` |
   * | `true` | `61`, `62` |
   *
   * @default {false}
   */
  skipEmpty?: boolean;
  /**
   * What to do with bytes behind the last delimiter at the end of the stream:
   * refuse them with `FRAME_TRUNCATED`, emit them as a last frame, or drop
   * them.
   *
   * @default {"error"}
   */
  truncated?: TruncatedPolicy;
}

/**
 * Frames that end with a delimiter.
 *
 * @example
 * ```ts
 * import { delimited } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = delimited({ delimiter: "\0" });
 * assertEquals(
 *   codec.decode(Uint8Array.of(1, 2, 0, 3, 0)),
 *   [Uint8Array.of(1, 2), Uint8Array.of(3)],
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`,
 * `DELIMITER_IN_FRAME` if a frame to encode contains a delimiter, and
 * `LENGTH_INVALID` if it is empty and `skipEmpty` is set.
 *
 * @param options The delimiters, the limit, and what to do at the end.
 * @returns The codec.
 * @throws {TypeError} If there is no delimiter, a delimiter is empty, or the
 * first is a prefix of another, so that a decoder could misread what the
 * encoder writes.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function delimited(options: DelimitedOptions): Codec<Uint8Array> {
  const description = describeCodec("delimited", options, [
    ...limitNames,
    "copy",
    "delimiter",
    "keepDelimiter",
    "skipEmpty",
    "truncated",
  ]);
  const {
    delimiter,
    keepDelimiter = false,
    skipEmpty = false,
    truncated = "error",
    copy = false,
  } = options;
  checkTruncated(truncated);
  const format = {
    delimiters: delimiterSet(delimiter),
    keepDelimiter,
    skipEmpty,
    limit: frameLimit(options),
    truncated,
    copy,
  };
  return {
    ...readerCodec({
      name: "delimited",
      reader: () => new DelimitedReader(format),
      encoder: {
        encode: (frame, output) => writeFrame(frame, format, output),
      },
    }),
    description,
  };
}

/** A delimited format, its options checked. */
interface DelimitedFormat {
  readonly delimiters: DelimiterSet;
  readonly keepDelimiter: boolean;
  readonly skipEmpty: boolean;
  readonly limit: FrameLimit;
  readonly truncated: TruncatedPolicy;
  readonly copy: boolean;
}

/** Finds the frames of a delimited format. */
class DelimitedReader implements FrameReader<Uint8Array> {
  readonly #format: DelimitedFormat;
  readonly #finder: DelimiterFinder;
  /** Whether the bytes up to the next delimiter belong to a skipped frame. */
  #skipping = false;

  constructor(format: DelimitedFormat) {
    this.#format = format;
    this.#finder = new DelimiterFinder(format.delimiters);
  }

  read(input: ByteQueue, ended = false): Uint8Array | undefined {
    const { keepDelimiter, skipEmpty, limit, copy } = this.#format;
    const finder = this.#finder;
    while (true) {
      const found = finder.find(input, ended);
      const { index, length } = finder;
      if (!this.#skipping && index > limit.maxFrameLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (!found) {
        if (this.#skipping) input.skip(index);
        return undefined;
      }
      if (this.#skipping || skipEmpty && index === 0) {
        this.#skipping = false;
        input.skip(index + length);
        input.endFrame();
        continue;
      }
      const kept = keepDelimiter ? length : 0;
      const frame = input.take(index + kept, 0, length - kept);
      return copy ? frame.slice() : frame;
    }
  }

  finish(input: ByteQueue): Uint8Array | undefined {
    // At the end, a delimiter that could have become a longer one counts.
    const frame = this.read(input, true);
    if (frame !== undefined) return frame;
    const { truncated, copy } = this.#format;
    const rest = takeRest(input, truncated, this.#skipping);
    return copy ? rest?.slice() : rest;
  }
}

/** Writes a frame of a delimited format. */
function writeFrame(
  frame: Uint8Array,
  { delimiters, keepDelimiter, skipEmpty, limit }: DelimitedFormat,
  output: ByteWriter,
): void {
  if (skipEmpty && frame.length === 0) throw emptyLeftOut();
  if (!keepDelimiter) limit.checkEncoded(frame.length);
  const at = output.length;
  output.write(frame);
  if (!keepDelimiter) {
    output.write(delimiters.first);
    // The usual case: no byte of the frame begins a delimiter.
    if (
      delimiters.groups.every(({ firstByte }) => !frame.includes(firstByte))
    ) return;
  }
  // Search what a decoder will see. The next frame is not known, so these
  // bytes must not end with the beginning of a longer delimiter.
  const written = new ByteQueue();
  written.push(output.view(at));
  const finder = new DelimiterFinder(delimiters);
  const found = finder.find(written, false);
  const { index } = finder;
  const isLast = found && index + finder.length === written.length;
  if (isLast && !keepDelimiter && index === frame.length) return;
  const isKept = isLast && keepDelimiter;
  const isLeftOut = isKept && skipEmpty && index === 0;
  if (isKept && !isLeftOut && index <= limit.maxEncodedLength) return;
  output.truncate(at);
  if (isLeftOut) throw emptyLeftOut();
  limit.checkEncoded(index);
  throw new FrameError("DELIMITER_IN_FRAME", {
    reason: keepDelimiter
      ? "The frame does not end with its only delimiter"
      : "The frame contains a delimiter",
    expected: keepDelimiter
      ? "one delimiter, at the end"
      : "no delimiter before the end",
    got: found
      ? `one at byte ${index}`
      : index < written.length
      ? `what may become one at byte ${index}`
      : "none",
  });
}
