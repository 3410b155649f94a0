import {
  DelimitedEncoder,
  delimitedFormat,
  DelimitedReader,
  type TruncatedPolicy,
} from "./delimited.ts";
import { defineCodec } from "../define_codec.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { FrameError } from "../errors.ts";
import type { Codec, FrameLimitOptions } from "../types.ts";

/** Options of {@linkcode lines}. */
export interface LinesOptions extends FrameLimitOptions {
  /**
   * What to do with a last line that has no line end.
   *
   * @default {"emit"}
   */
  truncated?: TruncatedPolicy;
  /**
   * Whether bytes that are not UTF-8, and text that cannot become UTF-8 (lone
   * surrogates), are refused with `TEXT_INVALID`. By default, they become
   * U+FFFD.
   *
   * @default {false}
   */
  fatal?: boolean;
}

/**
 * Lines of UTF-8 text, without their line ends. The decoder takes `\n` and
 * `\r\n` for a line end; a lone `\r` belongs to the line. The encoder writes
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
 * Errors of its frames: `FRAME_TOO_LARGE`, `DELIMITER_IN_FRAME` for a text to
 * encode with a line end in it (or a `\r` at its end, which the line end would
 * swallow), `TEXT_INVALID` with `fatal`, and `FRAME_TRUNCATED` where asked for.
 *
 * @param options The limit, and what to do at the end.
 * @returns The codec.
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  const { fatal = false, truncated = "emit" } = options;
  const format = delimitedFormat({
    ...options,
    truncated,
    delimiter: ["\n", "\r\n"],
  });
  const textEncoder = new TextEncoder();
  return defineCodec({
    name: "lines",
    reader: () => {
      const bytes = new DelimitedReader(format);
      const textDecoder = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
      const text = (line: Uint8Array | undefined, input: ByteQueue) => {
        if (line === undefined) return undefined;
        try {
          return textDecoder.decode(line);
        } catch (cause) {
          throw new FrameError("TEXT_INVALID", {
            reason: "The line is not valid text",
            offset: input.frameOffset,
            expected: "UTF-8",
            got: "other bytes",
            cause,
          });
        }
      };
      return {
        read: (input) => text(bytes.read(input), input),
        finish: (input) => text(bytes.finish(input), input),
      };
    },
    encoder: () => {
      const bytes = new DelimitedEncoder(format);
      return {
        encode(line, output) {
          if (fatal && !line.isWellFormed()) {
            throw new FrameError("TEXT_INVALID", {
              reason: "The line cannot become UTF-8",
              expected: "well-formed text",
              got: "a lone surrogate",
            });
          }
          bytes.encode(textEncoder.encode(line), output);
        },
      };
    },
  });
}
