import { describeCodec, limitNames } from "../description.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { readerCodec } from "../define_codec.ts";
import {
  DelimiterFinder,
  type DelimiterSet,
  delimiterSet,
} from "../bytes/delimiter_finder.ts";
import { FrameError } from "../errors.ts";
import { cutOff, type FrameLimit, frameLimit } from "../bytes/limits.ts";
import type {
  ByteFrameOptions,
  Codec,
  Encoder,
  FrameLimitOptions,
  FrameReader,
} from "../types.ts";

/** What to do with bytes behind the last delimiter at the end of the stream. */
export type TruncatedPolicy = "error" | "emit" | "drop";

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
  const format = delimitedFormat(options);
  return {
    ...readerCodec({
      name: "delimited",
      reader: () => new DelimitedReader(format),
      encoder: new DelimitedEncoder(format),
    }),
    description,
  };
}

/** The options of a delimited format, checked. */
export interface DelimitedFormat {
  readonly delimiters: DelimiterSet;
  readonly keepDelimiter: boolean;
  readonly skipEmpty: boolean;
  readonly limit: FrameLimit;
  readonly truncated: TruncatedPolicy;
  readonly copy: boolean;
}

/** Checks the options of a delimited format and fills in their defaults. */
export function delimitedFormat(options: DelimitedOptions): DelimitedFormat {
  const {
    delimiter,
    keepDelimiter = false,
    skipEmpty = false,
    truncated = "error",
    copy = false,
  } = options;
  if (!["error", "emit", "drop"].includes(truncated)) {
    throw new TypeError(
      `Cannot use truncated: expected "error", "emit" or "drop", got ${truncated}`,
    );
  }
  return {
    delimiters: delimiterSet(delimiter),
    keepDelimiter,
    skipEmpty,
    limit: frameLimit(options),
    truncated,
    copy,
  };
}

/** Finds the frames of a delimited format. */
export class DelimitedReader implements FrameReader<Uint8Array> {
  readonly #format: DelimitedFormat;
  readonly #finder: DelimiterFinder;
  /** Whether the bytes up to the next delimiter belong to a skipped frame. */
  #skipping = false;

  constructor(format: DelimitedFormat) {
    this.#format = format;
    this.#finder = new DelimiterFinder(format.delimiters);
  }

  /** Whether the bytes up to the next delimiter belong to no frame. */
  get isSkipping(): boolean {
    return this.#skipping;
  }

  read(input: ByteQueue): Uint8Array | undefined {
    return this.#read(input, false);
  }

  finish(input: ByteQueue): Uint8Array | undefined {
    // At the end, a delimiter that could have become a longer one counts.
    const frame = this.#read(input, true);
    if (frame !== undefined) return frame;
    const { truncated: policy } = this.#format;
    if (policy === "error" && (input.length > 0 || this.#skipping)) {
      throw cutOff(input, "a delimiter");
    }
    const tail = input.take(input.length);
    if (policy !== "emit" || tail.length === 0) return undefined;
    return this.#format.copy ? tail.slice() : tail;
  }

  #read(input: ByteQueue, ended: boolean): Uint8Array | undefined {
    const { keepDelimiter, skipEmpty, limit, copy } = this.#format;
    const finder = this.#finder;
    while (true) {
      const found = finder.find(input, ended);
      if (!this.#skipping && finder.index > limit.maxFrameLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (this.#skipping) {
        input.skip(finder.index + (found ? finder.length : 0));
        if (!found) return undefined;
        this.#skipping = false;
        input.endFrame();
        continue;
      }
      if (!found) return undefined;
      const { index, length } = finder;
      if (skipEmpty && index === 0) {
        input.skip(length);
        input.endFrame();
        continue;
      }
      const frame = input.take(keepDelimiter ? index + length : index);
      if (!keepDelimiter) input.skip(length);
      return copy ? frame.slice() : frame;
    }
  }
}

/** Writes the frames of a delimited format. */
export class DelimitedEncoder implements Encoder<Uint8Array> {
  readonly #format: DelimitedFormat;

  constructor(format: DelimitedFormat) {
    this.#format = format;
  }

  encode(frame: Uint8Array, output: ByteWriter): void {
    const { delimiters, keepDelimiter, skipEmpty, limit } = this.#format;
    if (skipEmpty && frame.length === 0) throw empty();
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
    const end = found ? finder.index + finder.length : -1;
    const left = skipEmpty && keepDelimiter && finder.index === 0;
    if (
      end === written.length && finder.index <= limit.maxEncodedLength && !left
    ) {
      if (keepDelimiter || finder.index === frame.length) return;
    }
    output.truncate(at);
    if (left && end === written.length) throw empty();
    limit.checkEncoded(finder.index);
    throw new FrameError("DELIMITER_IN_FRAME", {
      reason: keepDelimiter
        ? "The frame does not end with its only delimiter"
        : "The frame contains a delimiter",
      expected: keepDelimiter
        ? "one delimiter, at the end"
        : "no delimiter before the end",
      got: found
        ? `one at byte ${finder.index}`
        : finder.index < written.length
        ? `what may become one at byte ${finder.index}`
        : "none",
    });
  }
}

/** The error of an empty frame whose decoder would leave it out. */
function empty(): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "The frame is empty, and its decoder leaves empty frames out",
    expected: "1 byte or more",
    got: "0 bytes",
  });
}
