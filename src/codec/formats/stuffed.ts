import { describeCodec, limitNames, recoveryNames } from "../description.ts";
import { checkChoice } from "../../checks.ts";
import { readerCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import {
  type EscapeMap,
  escapesOf,
  withoutEscapes,
  writeEscaped,
} from "../bytes/escapes.ts";
import { frameLimit } from "../bytes/limits.ts";
import { recovery } from "../bytes/recovery.ts";
import { StuffedReader, stuffingInvalid } from "../bytes/stuffed_reader.ts";
import type {
  ByteFrameOptions,
  Codec,
  FrameLimitOptions,
  RecoveryOptions,
} from "../types.ts";

/** Options of all formats with an escape byte: {@linkcode stuffed} and `slip`. */
export interface EscapedOptions
  extends FrameLimitOptions, RecoveryOptions, ByteFrameOptions {
  /**
   * Whether the encoder writes the end byte before each frame, too. Then noise on an
   * idle line becomes a frame of its own and does not spoil the next one. The decoder
   * needs no such byte and ignores it. Of the frame `41`, `slip({ endFirst: true })`
   * makes `c0 41 c0`.
   *
   * @default {false}
   */
  endFirst?: boolean;
  /**
   * What the decoder does with an escape before a byte that stands for nothing:
   * `"error"` finds the frame not valid, `"keep"` takes the byte as it is. With
   * `"keep"`, `slip` reads `41 db 42 c0` as `41 42`. An escape right before the end
   * byte is not valid in any case. Where the map is a rule, every byte stands for one.
   *
   * @default {"error"}
   */
  unknownEscapes?: "error" | "keep";
}

/** Options of {@linkcode stuffed}. */
export interface StuffedOptions extends EscapedOptions {
  /** The byte that ends each frame. It occurs nowhere else. */
  end: number;
  /** The byte that stands before each replacement. */
  escape: number;
  /**
   * The replacements: `{ 0xc0: 0xdc, 0xdb: 0xdd }` writes the byte `c0` of a frame as
   * the escape and `dc`; `{ xor: 0x20 }` writes it as the escape and `e0`. There must
   * be one for the end byte and one for the escape.
   */
  map: EscapeMap;
}

/**
 * Frames that end with a byte which does not occur in them: an escape and another
 * byte are written in its place. SLIP and its relatives are made so. The decoder
 * ignores empty frames, so the encoder refuses them.
 *
 * @example Frames end with a line feed, and `5c` (a backslash) is the escape
 * ```ts
 * import { stuffed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const map = { 0x0a: 0x6e, 0x5c: 0x5c };
 * const codec = stuffed({ end: 0x0a, escape: 0x5c, map });
 * const bytes = codec.encode(Uint8Array.of(0x41, 0x0a, 0x5c));
 * assertEquals(bytes, Uint8Array.of(0x41, 0x5c, 0x6e, 0x5c, 0x5c, 0x0a));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(0x41, 0x0a, 0x5c)]);
 * ```
 *
 * @example What follows the escape is computed, and `11` and `13` are escaped, too
 * ```ts
 * import { stuffed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const map = { xor: 0x20, also: [0x11, 0x13] };
 * const codec = stuffed({ end: 0x7e, escape: 0x7d, map });
 * const bytes = codec.encode(Uint8Array.of(0x41, 0x7e, 0x11));
 * assertEquals(bytes, Uint8Array.of(0x41, 0x7d, 0x5e, 0x7d, 0x31, 0x7e));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `MARK_INVALID` if a byte
 * that stands for nothing follows an escape, and `LENGTH_INVALID` if the encoder is
 * given an empty frame.
 *
 * With `onInvalid: "skip"`, the decoder passes over all that lies before the next end
 * byte: of the frames `41 5c 42 0a 43 0a` of the first example it reports the first,
 * and hands out the second.
 *
 * @param options The bytes, the limit, and what to do with frames that are not valid.
 * @returns The codec.
 * @throws {TypeError} If an option has none of its values.
 * @throws {RangeError} If a byte is not a whole number from 0 to 255, if two bytes have
 * the same replacement, if a replacement is the end byte, or if the limit is not a
 * whole number.
 */
export function stuffed(options: StuffedOptions): Codec<Uint8Array> {
  const description = describeCodec("stuffed", options, [
    ...limitNames,
    ...recoveryNames,
    "copy",
    "end",
    "escape",
    "map",
    "endFirst",
    "unknownEscapes",
  ]);
  const { end, endFirst = false, unknownEscapes = "error" } = options;
  const escapes = escapesOf(end, options.escape, options.map);
  checkChoice("unknownEscapes", unknownEscapes, ["error", "keep"]);
  if (unknownEscapes === "keep") {
    const { read } = escapes;
    read.forEach((byte, i) => read[i] = byte < 0 ? i : byte);
  }
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  const stuffing = {
    end,
    // Every byte may have to be escaped.
    maxStuffedLength: 2 * maxFrameLength,
    limit,
    copy: options.copy ?? false,
    unstuff: (bytes: Uint8Array, offset: number) =>
      withoutEscapes(bytes, escapes) ??
        stuffingInvalid("an escape followed by another byte", offset),
    refuse: recovery(options).refuse,
  };
  return {
    ...readerCodec({
      name: "stuffed",
      reader: () => new StuffedReader(stuffing),
      encoder: {
        encode(frame, output) {
          limit.checkEncoded(frame.length);
          if (frame.length === 0) throw emptyFrame();
          if (endFirst) output.writeByte(end);
          writeEscaped(frame, escapes, output);
          output.writeByte(end);
        },
      },
    }),
    description,
  };
}

/** The error of an empty frame, which a decoder would take for none. */
export function emptyFrame(): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "An empty frame would be passed over",
    expected: "at least 1 byte",
    got: "0 bytes",
  });
}
