import { hexByte } from "../bytes/hex.ts";
import { describeCodec, limitNames } from "../description.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { readerCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { type FrameLimit, frameLimit, tooLarge } from "../bytes/limits.ts";
import type { ByteFrameOptions, Codec, FrameLimitOptions } from "../types.ts";

/** Options of {@linkcode netstring}. */
export interface NetstringOptions extends FrameLimitOptions, ByteFrameOptions {}

const ZERO = 0x30;
const COLON = 0x3a;
const COMMA = 0x2c;
/** The number of digits of `Number.MAX_SAFE_INTEGER`. */
const MAX_DIGITS = 16;

/**
 * Netstrings (D. J. Bernstein, <https://cr.yp.to/proto/netstrings.txt>): the
 * length in decimal digits, a colon, the bytes, a comma. A length has no
 * leading zeros, and no more digits than the limit, or than 16 if oversized
 * frames are skipped.
 *
 * | frame | on the wire |
 * | --- | --- |
 * | `hello world!` | `12:hello world!,` |
 * | empty | `0:,` |
 *
 * @example
 * ```ts
 * import { netstring } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = netstring();
 * const bytes = codec.encode(new TextEncoder().encode("hello world!"));
 * assertEquals(new TextDecoder().decode(bytes), "12:hello world!,");
 * assertEquals(codec.decode(bytes).length, 1);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, also if a length has too many
 * digits, `FRAME_TRUNCATED`, `LENGTH_INVALID` if a length is not written in
 * digits or has leading zeros, and `MARK_INVALID` if the comma is missing.
 *
 * @param options The limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 * @throws {TypeError} If `onOversize` has none of its values.
 */
export function netstring(options: NetstringOptions = {}): Codec<Uint8Array> {
  const description = describeCodec("netstring", options, [
    ...limitNames,
    "copy",
  ]);
  const limit = frameLimit(options);
  const textEncoder = new TextEncoder();
  return {
    ...readerCodec({
      name: "netstring",
      reader: () =>
        new HeadedReader(new DigitsHeader(limit), limit, options.copy),
      encoder: {
        encode(frame, output) {
          limit.checkEncoded(frame.length);
          output.write(textEncoder.encode(`${frame.length}:`));
          output.write(frame);
          output.writeByte(COMMA);
        },
      },
    }),
    description,
  };
}

class DigitsHeader implements FrameHeader<Uint8Array> {
  readonly #maxFrameLength: number;
  readonly #maxDigits: number;
  readonly missing: string = "a length and a colon";
  readonly trailerLength = 1;
  length = 0;
  bodyLength = 0;

  constructor({ maxFrameLength, skips }: FrameLimit) {
    this.#maxFrameLength = maxFrameLength;
    this.#maxDigits = skips ? MAX_DIGITS : `${maxFrameLength}`.length;
  }

  read(input: ByteQueue): boolean {
    const there = Math.min(input.length, this.#maxDigits + 1);
    let value = 0;
    for (let i = 0; i < there; i++) {
      const byte = input.at(i);
      if (byte === COLON && i > 0) {
        this.length = i + 1;
        this.bodyLength = value;
        return true;
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9 || i === 1 && value === 0) {
        throw new FrameError("LENGTH_INVALID", {
          reason: "The length is not written as it must be",
          offset: input.frameOffset,
          expected: "decimal digits without leading zeros, and a colon",
          got: `${hexByte(byte)} at byte ${i}`,
        });
      }
      if (i === this.#maxDigits) {
        throw tooLarge(this.#maxFrameLength, undefined, input.frameOffset);
      }
      value = 10 * value + digit;
    }
    return false;
  }

  checkTrailer(input: ByteQueue, index: number): void {
    const got = input.at(index);
    if (got === COMMA) return;
    throw new FrameError("MARK_INVALID", {
      reason: "The terminator is wrong",
      offset: input.frameOffset,
      expected: `the byte ${hexByte(COMMA)}`,
      got: hexByte(got),
    });
  }
}
