import {
  checkTruncated,
  type TruncatedPolicy,
} from "../bytes/delimited_frame.ts";
import { LineReader, writeLine } from "../bytes/line_reader.ts";
import { frameLimit } from "../bytes/limits.ts";
import { causeOf, textOf, utf8Of } from "../bytes/text_run.ts";
import { describeCodec, limitNames, recoveryNames } from "../description.ts";
import { readerCodec } from "../define_codec.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { type Recovery, recovery } from "../bytes/recovery.ts";
import { FrameError } from "../errors.ts";
import type {
  Codec,
  FrameLimitOptions,
  FrameReader,
  RecoveryOptions,
} from "../types.ts";

/** Options of {@linkcode lines}. */
export interface LinesOptions extends FrameLimitOptions, RecoveryOptions {
  /**
   * What to do with a last line that has no line end.
   *
   * @default {"emit"}
   */
  truncated?: TruncatedPolicy;
  /**
   * Whether empty lines are left out, such as those that keep a connection alive.
   * They are not reported, and the encoder refuses an empty line, which would not
   * come back.
   *
   * | `skipEmpty` | lines of `61 0d 0a 0d 0a 62 0a` |
   * | --- | --- |
   * | `false` | `"a"`, `""`, `"b"` |
   * | `true` | `"a"`, `"b"` |
   *
   * @default {false}
   */
  skipEmpty?: boolean;
  /**
   * Whether bytes that are not UTF-8, and text with lone surrogates, are
   * refused with `TEXT_INVALID`. By default, they are replaced by U+FFFD. With
   * `onInvalid: "skip"`, a line that is not UTF-8 is passed over up to and with its
   * line end: `61 0a ff 0a 62 0a` has the lines `"a"` and `"b"`, and one report with
   * the offset 2.
   *
   * @default {false}
   */
  fatal?: boolean;
}

/**
 * Lines of UTF-8 text, without their line ends. The decoder accepts `\n` and
 * `\r\n` as line ends; a lone `\r` is part of the line. The encoder writes
 * `\n`. A byte order mark is kept. The limit counts the bytes of a line without
 * its line end.
 *
 * @example
 * ```ts
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("one\r\ntwo\nthree");
 * assertEquals(lines().decode(bytes), ["one", "two", "three"]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `DELIMITER_IN_FRAME` if a text to
 * encode contains a line end, or ends with `\r`, which would become part of the
 * line end; `TEXT_INVALID` with `fatal`; `LENGTH_INVALID` if a text to encode is
 * empty, with `skipEmpty`; and `FRAME_TRUNCATED` with `truncated: "error"`.
 *
 * @param options The limit, what to do at the end, and what is passed over.
 * @returns The codec.
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  const description = describeCodec("lines", options, [
    ...limitNames,
    ...recoveryNames,
    "truncated",
    "skipEmpty",
    "fatal",
  ]);
  const { truncated = "emit", skipEmpty = false, fatal = false } = options;
  checkTruncated(truncated);
  const format = { limit: frameLimit(options), skipEmpty, truncated, fatal };
  const invalid = recovery(options);
  const decoder = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
  return {
    ...readerCodec({
      name: "lines",
      reader: () => new TextReader(new LineReader(format), decoder, invalid),
      encoder: {
        encode(line, output) {
          if (fatal && !line.isWellFormed()) {
            throw new FrameError("TEXT_INVALID", {
              reason: "The line cannot become UTF-8",
              expected: "well-formed text",
              got: "a lone surrogate",
            });
          }
          writeLine(utf8Of(line), format, output);
        },
      },
    }),
    description,
  };
}

/** Hands out the texts of lines. */
class TextReader implements FrameReader<string> {
  readonly #lines: LineReader;
  /** Decodes the lines that are not decoded with others. */
  readonly #decoder: TextDecoder;
  readonly #invalid: Recovery;

  constructor(lines: LineReader, decoder: TextDecoder, invalid: Recovery) {
    this.#lines = lines;
    this.#decoder = decoder;
    this.#invalid = invalid;
  }

  read(input: ByteQueue): string | undefined {
    while (true) {
      const line = this.#lines.read(input);
      if (line === undefined || typeof line === "string") return line;
      const text = this.#decode(line, input);
      if (text !== undefined) return text;
    }
  }

  finish(input: ByteQueue): string | undefined {
    // It is the last line, if there is one.
    const line = this.#lines.finish(input);
    return line === undefined ? undefined : this.#decode(line, input);
  }

  /** Decodes a line; `undefined` if it is passed over. */
  #decode(line: Uint8Array, input: ByteQueue): string | undefined {
    const text = textOf(line, this.#decoder);
    if (text !== undefined) return text;
    const offset = input.frameOffset;
    // Set before `onSkip` is called, which may call the decoder.
    input.endFrame();
    this.#invalid.refuse(
      () =>
        new FrameError("TEXT_INVALID", {
          reason: "The line is not valid text",
          offset,
          expected: "UTF-8",
          got: "other bytes",
          cause: causeOf(line, this.#decoder),
        }),
      line,
    );
    return undefined;
  }
}
