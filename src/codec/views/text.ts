import { describeView, recoveryNames } from "../description.ts";
import { FrameError } from "../errors.ts";
import { mapCodec } from "./map_codec.ts";
import { mapText } from "./map_text.ts";
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
  const description = describeView(
    "text",
    codec,
    { encoding },
    options,
    ["fatal", ...recoveryNames],
  );
  const name = `text(${codec.name})`;
  const label = typeof encoding === "string" ? encoding : "text";
  const invalid = (cause: unknown, offset: number) =>
    new FrameError("TEXT_INVALID", {
      reason: "The frame is not valid text",
      offset,
      expected: label,
      got: "other bytes",
      cause,
    });
  const { fatal = false } = options;
  const decoder = typeof encoding === "string"
    ? new TextDecoder(encoding, { fatal, ignoreBOM: true })
    : undefined;
  if (decoder?.encoding === "utf-8") {
    const texts = mapText(codec, {
      ...options,
      name,
      decoder,
      invalid,
      decode: (text) => text,
      encode: (text: string) => fatal ? wellFormed(text) : text,
    });
    return { ...texts, description };
  }
  const { decode, encode } = typeof encoding === "string"
    ? decodingOnly(encoding, decoder!)
    : encoding;
  const texts = mapCodec(codec, {
    ...options,
    name,
    decode(frame, offset) {
      try {
        return decode(frame);
      } catch (cause) {
        throw invalid(cause, offset);
      }
    },
    encode: (text: string) => encode(text),
  });
  return { ...texts, description };
}

function decodingOnly(label: string, decoder: TextDecoder): TextEncoding {
  return {
    decode: (bytes) => decoder.decode(bytes),
    encode() {
      throw new TypeError(
        `Cannot write ${label}: only UTF-8 is built in; give { encode, decode }`,
      );
    },
  };
}

/** Text without lone surrogates, which `TextEncoder` would replace. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new FrameError("TEXT_INVALID", {
    reason: "The text cannot become UTF-8",
    expected: "well-formed text",
    got: "a lone surrogate",
  });
}
