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
   * Whether bytes that are not UTF-8, and text with lone surrogates, are
   * refused with `TEXT_INVALID`. By default, they are replaced by U+FFFD.
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
 * line end; `TEXT_INVALID` with `fatal`; and `FRAME_TRUNCATED` with `truncated:
 * "error"`.
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
  const bytesEncoder = new DelimitedEncoder(format);
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
    encoder: {
      encode(line, output) {
        if (fatal && !line.isWellFormed()) {
          throw new FrameError("TEXT_INVALID", {
            reason: "The line cannot become UTF-8",
            expected: "well-formed text",
            got: "a lone surrogate",
          });
        }
        bytesEncoder.encode(textEncoder.encode(line), output);
      },
    },
  });
}
