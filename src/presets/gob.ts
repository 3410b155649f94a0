import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import { readerCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import {
  type FrameHeader,
  HeadedReader,
} from "../codec/bytes/headed_reader.ts";
import { frameLimit } from "../codec/bytes/limits.ts";
import type { Codec } from "../codec/types.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import type { PresetOptions } from "./types.ts";

/** The maximum length of a number in Go: 64 bits. */
const MOST_BYTES = 8;

/**
 * The messages of Go's `encoding/gob`. Each follows its length as a gob
 * unsigned integer: one byte below 128; otherwise the negated number of bytes,
 * and those bytes, big-endian. The codec does not decode the messages
 * themselves.
 *
 * Documentation of the peer:
 * <https://pkg.go.dev/encoding/gob#hdr-Encoding_Details>.
 *
 * @example
 * ```ts
 * import { gob } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Go 1.19: gob.NewEncoder(out).Encode("HI")
 * const bytes = Uint8Array.of(0x05, 0x0c, 0x00, 0x02, 0x48, 0x49);
 * assertEquals(gob().decode(bytes), [bytes.subarray(1)]);
 *
 * const long = gob().encode(new Uint8Array(204));
 * assertEquals(long.subarray(0, 2), Uint8Array.of(0xff, 0xcc));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `LENGTH_INVALID` if a length has more than eight bytes.
 *
 * @param options The limit.
 * @returns The codec.
 */
export function gob(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("gob", options, presetNames);
  const limit = frameLimit(options);
  return described(readerCodec({
    name: "gob",
    reader: () => new HeadedReader(new GobHeader(), limit, options.copy),
    encoder: {
      encode(message, output) {
        const { length } = message;
        limit.checkEncoded(length);
        if (length >= 128) {
          let byteCount = 1;
          while (256 ** byteCount <= length) byteCount++;
          output.writeByte(256 - byteCount);
          output.writeUint(length, byteCount);
        } else output.writeByte(length);
        output.write(message);
      },
    },
  }));
}

class GobHeader implements FrameHeader<Uint8Array> {
  readonly missing: string = "a whole length";
  length = 0;
  bodyLength = 0;

  read(input: ByteQueue): boolean {
    if (input.length === 0) return false;
    const first = input.at(0);
    const byteCount = first < 128 ? 0 : 256 - first;
    if (byteCount > MOST_BYTES) {
      throw new FrameError("LENGTH_INVALID", {
        reason: "The length has too many bytes",
        offset: input.frameOffset,
        expected: `at most ${MOST_BYTES}`,
        got: `${byteCount}`,
      });
    }
    if (input.length <= byteCount) return false;
    let value = byteCount === 0 ? first : 0;
    // Above 2^53 the value is rounded, but every limit is below that.
    for (let i = 1; i <= byteCount; i++) value = value * 256 + input.at(i);
    this.length = 1 + byteCount;
    this.bodyLength = value;
    return true;
  }
}
