import { describeCodec } from "../description.ts";
import { readerCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { checkCount } from "../../checks.ts";
import { truncated } from "../bytes/limits.ts";
import type { ByteFrameOptions, Codec } from "../types.ts";

/** Options of {@linkcode fixedLength}. */
export interface FixedLengthOptions extends ByteFrameOptions {
  /** The length of every frame in bytes, at least 1. */
  frameLength: number;
}

/**
 * Frames of a fixed length, without header or delimiter.
 *
 * @example
 * ```ts
 * import { fixedLength } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   fixedLength({ frameLength: 2 }).decode(Uint8Array.of(1, 2, 3, 4)),
 *   [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TRUNCATED`; the encoder refuses every other
 * length with `LENGTH_INVALID`.
 *
 * @param options The length of a frame.
 * @returns The codec.
 * @throws {RangeError} If `frameLength` is not a whole number of at least 1.
 */
export function fixedLength(options: FixedLengthOptions): Codec<Uint8Array> {
  const description = describeCodec("fixedLength", options, [
    "frameLength",
    "copy",
  ]);
  const { frameLength, copy = false } = options;
  checkCount("frameLength", frameLength, 1);
  return {
    ...readerCodec({
      name: "fixedLength",
      reader: () => ({
        read(input) {
          if (input.length < frameLength) return undefined;
          const frame = input.take(frameLength);
          return copy ? frame.slice() : frame;
        },
        finish(input) {
          if (input.length === 0) return undefined;
          throw truncated(
            input.offset,
            `a frame of ${frameLength} bytes`,
            `${input.length} bytes`,
          );
        },
      }),
      encoder: {
        encode(frame, output) {
          if (frame.length !== frameLength) {
            throw new FrameError("LENGTH_INVALID", {
              reason: "The frame does not have the fixed length",
              expected: `${frameLength} bytes`,
              got: `${frame.length} bytes`,
            });
          }
          output.write(frame);
        },
      },
    }),
    description,
  };
}
