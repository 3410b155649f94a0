import { FrameError } from "../errors.ts";
import { mapCodec } from "./map_codec.ts";
import type { Codec, RecoveryOptions } from "../types.ts";

/** A text encoding that is not built in, such as those of `iconv-lite`. */
export interface TextEncoding {
  /** Decodes bytes to text. */
  decode(bytes: Uint8Array): string;
  /** Encodes text to bytes. */
  encode(text: string): Uint8Array;
}

/** Options of {@linkcode text}. */
export interface TextOptions extends RecoveryOptions {
  /**
   * Whether invalid bytes are refused with `TEXT_INVALID`. By default, they are
   * replaced by U+FFFD.
   *
   * @default {false}
   */
  fatal?: boolean;
}

/**
 * Text over frames of bytes. The decoder keeps a byte order mark.
 *
 * @example
 * ```ts
 * import { lengthPrefixed, text } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = text(lengthPrefixed({ lengthBytes: 1 }));
 * assertEquals(codec.decode(Uint8Array.of(3, 0xe4, 0xbd, 0xa0)), ["你"]);
 *
 * const gbk = text(lengthPrefixed({ lengthBytes: 1 }), "gbk");
 * assertEquals(gbk.decode(Uint8Array.of(2, 0xc4, 0xe3)), ["你"]);
 * ```
 *
 * @param codec The codec of the frames.
 * @param encoding The label of an encoding that `TextDecoder` supports, or a
 * pair of functions. With a label other than UTF-8, the codec only decodes:
 * `TextEncoder` supports only UTF-8.
 * @param options What to do with invalid bytes; `fatal` is for labels.
 * @returns The codec of the text.
 * @throws {RangeError} If `TextDecoder` does not know the label.
 */
export function text(
  codec: Codec<Uint8Array>,
  encoding: string | TextEncoding = "utf-8",
  options: TextOptions = {},
): Codec<string> {
  const { decode, encode } = typeof encoding === "string"
    ? labelled(encoding, options.fatal ?? false)
    : encoding;
  return mapCodec(codec, {
    ...options,
    name: `text(${codec.name})`,
    decode(frame, offset) {
      try {
        return decode(frame);
      } catch (cause) {
        throw new FrameError("TEXT_INVALID", {
          reason: "The frame is not valid text",
          offset,
          expected: typeof encoding === "string" ? encoding : "text",
          got: "other bytes",
          cause,
        });
      }
    },
    encode: (value: string) => encode(value),
  });
}

function labelled(label: string, fatal: boolean): TextEncoding {
  const decoder = new TextDecoder(label, { fatal, ignoreBOM: true });
  const encoder = new TextEncoder();
  return {
    decode: (bytes) => decoder.decode(bytes),
    encode(value) {
      if (decoder.encoding !== "utf-8") {
        throw new TypeError(
          `Cannot write ${label}: only UTF-8 is built in; give { encode, decode }`,
        );
      }
      if (fatal && !value.isWellFormed()) {
        throw new FrameError("TEXT_INVALID", {
          reason: "The text cannot become UTF-8",
          expected: "well-formed text",
          got: "a lone surrogate",
        });
      }
      return encoder.encode(value);
    },
  };
}
