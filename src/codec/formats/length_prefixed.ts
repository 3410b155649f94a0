import type { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { FrameError } from "../errors.ts";
import type { FrameHeader } from "../bytes/headed_reader.ts";
import {
  checkChoice,
  checkCount,
  checkLengthField,
  frameLimit,
} from "../bytes/limits.ts";
import { prefixed, type PrefixedCodec } from "./prefixed.ts";
import type { ByteFrameOptions, FrameLimitOptions } from "../types.ts";

/**
 * Options of {@linkcode lengthPrefixed}. The bytes in the examples are written
 * in hexadecimal; the frame is always `48 49` (“HI”).
 */
export interface LengthPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * How many bytes the length field has, from 1 to 8.
   *
   * | `lengthBytes` | on the wire |
   * | --- | --- |
   * | `1` | `02 48 49` |
   * | `4` | `00 00 00 02 48 49` |
   *
   * @default {4}
   */
  lengthBytes?: number;
  /**
   * The byte order of the length field.
   *
   * | `endian` | on the wire |
   * | --- | --- |
   * | `"big"` | `00 00 00 02 48 49` |
   * | `"little"` | `02 00 00 00 48 49` |
   *
   * @default {"big"}
   */
  endian?: "big" | "little";
  /**
   * How many bytes of the frame stand before the length field. The encoder
   * writes zeros there, unless `stripBytes` leaves them to the frame.
   *
   * | `lengthOffset` | on the wire (`lengthBytes: 2`) |
   * | --- | --- |
   * | `0` | `00 02 48 49` |
   * | `1` | `00 00 02 48 49` |
   *
   * @default {0}
   */
  lengthOffset?: number;
  /**
   * What the length counts: the bytes behind the length field, or every byte
   * of the frame, the length field and those before it included.
   *
   * | `lengthIncludes` | on the wire |
   * | --- | --- |
   * | `"body"` | `00 00 00 02 48 49` |
   * | `"frame"` | `00 00 00 06 48 49` |
   *
   * @default {"body"}
   */
  lengthIncludes?: "body" | "frame";
  /**
   * What to add to the length on the wire to come to what `lengthIncludes`
   * says: for a format whose length leaves out, or counts in, a few bytes more.
   *
   * | `lengthAdjustment` | on the wire (`lengthBytes: 1`) |
   * | --- | --- |
   * | `0` | `02 48 49` |
   * | `-1` | `03 48 49` |
   *
   * @default {0}
   */
  lengthAdjustment?: number;
  /**
   * How many bytes at the start of the frame are not handed out. The encoder
   * puts them back: zeros, and the length in its place. With `0`, frames are
   * handed out and given with their header, and the encoder only fills in the
   * length.
   *
   * | `stripBytes` | frame of `00 02 48 49` (`lengthBytes: 2`) |
   * | --- | --- |
   * | `2` | `48 49` |
   * | `0` | `00 02 48 49` |
   *
   * @default {lengthOffset + lengthBytes}
   */
  stripBytes?: number;
}

/**
 * Frames that begin with their length.
 *
 * @example Four bytes, big-endian: the commonest format of all
 * ```ts
 * import { lengthPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = lengthPrefixed();
 * const bytes = codec.encode(Uint8Array.of(0x48, 0x49));
 * assertEquals(bytes, Uint8Array.of(0, 0, 0, 2, 0x48, 0x49));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(0x48, 0x49)]);
 * ```
 *
 * @example A little-endian length that counts itself
 * ```ts
 * import { lengthPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = lengthPrefixed({ endian: "little", lengthIncludes: "frame" });
 * assertEquals(
 *   codec.encode(Uint8Array.of(0x48, 0x49)),
 *   Uint8Array.of(6, 0, 0, 0, 0x48, 0x49),
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE` over the limit or what the field can
 * hold, `LENGTH_INVALID` for a length smaller than the header it counts, and
 * `FRAME_TRUNCATED`.
 *
 * @param options The layout of the header and the limit.
 * @returns The codec.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If an option has none of its values.
 */
export function lengthPrefixed(
  options: LengthPrefixedOptions = {},
): PrefixedCodec {
  const layout = headerLayout(options);
  return prefixed({
    name: "lengthPrefixed",
    limit: frameLimit(options),
    copy: options.copy ?? false,
    header: () => new LengthHeader(layout),
    writeHeader(length, output) {
      if (layout.stripBytes < layout.headerLength) {
        throw new TypeError(
          "Cannot write a header alone: stripBytes leaves it to the frame",
        );
      }
      const value = lengthOf(length, layout);
      const at = output.length;
      output.writeZeros(layout.stripBytes);
      writeLength(at, value, layout, output);
    },
    writeFrame(frame, output) {
      const value = lengthOf(frame.length, layout);
      const at = output.length;
      output.writeZeros(layout.stripBytes);
      output.write(frame);
      writeLength(at, value, layout, output);
    },
  });
}

interface HeaderLayout {
  readonly lengthBytes: number;
  readonly littleEndian: boolean;
  readonly lengthOffset: number;
  /** Where the length field ends. */
  readonly headerLength: number;
  readonly stripBytes: number;
  /** The length of a whole frame whose length field says 0. */
  readonly base: number;
}

function headerLayout(options: LengthPrefixedOptions): HeaderLayout {
  const {
    lengthBytes = 4,
    endian = "big",
    lengthOffset = 0,
    lengthIncludes = "body",
    lengthAdjustment = 0,
    stripBytes = lengthOffset + lengthBytes,
  } = options;
  checkCount("lengthBytes", lengthBytes, 1, 8);
  checkCount("lengthOffset", lengthOffset, 0, 65_536);
  checkCount("lengthAdjustment", lengthAdjustment, -(2 ** 31), 2 ** 31);
  checkCount("stripBytes", stripBytes, 0, 131_072);
  checkChoice("endian", endian, ["big", "little"]);
  checkChoice("lengthIncludes", lengthIncludes, ["body", "frame"]);
  const headerLength = lengthOffset + lengthBytes;
  return {
    lengthBytes,
    littleEndian: endian === "little",
    lengthOffset,
    headerLength,
    stripBytes,
    base: lengthAdjustment + (lengthIncludes === "body" ? headerLength : 0),
  };
}

class LengthHeader implements FrameHeader<Uint8Array> {
  readonly #layout: HeaderLayout;
  readonly length: number;
  readonly missing: string;
  bodyLength = 0;

  constructor(layout: HeaderLayout) {
    this.#layout = layout;
    this.length = layout.stripBytes;
    this.missing = `a header of ${layout.headerLength} bytes`;
  }

  read(input: ByteQueue): boolean {
    const { headerLength, stripBytes, base } = this.#layout;
    if (input.length < headerLength) return false;
    const { lengthOffset, lengthBytes, littleEndian } = this.#layout;
    const announced = input.uintAt(lengthOffset, lengthBytes, littleEndian);
    const least = Math.max(headerLength, stripBytes) - base;
    if (announced < least) {
      throw new FrameError("LENGTH_INVALID", {
        reason: "The length is too small for its header",
        offset: input.frameOffset,
        expected: `at least ${least}`,
        got: `${announced}`,
      });
    }
    // Not from the length of the frame, which would be rounded near 2^53.
    this.bodyLength = announced + (base - stripBytes);
    return true;
  }

  frame(body: Uint8Array): Uint8Array {
    return body;
  }
}

/** The length to write for a frame, or the error of one that cannot be. */
function lengthOf(frameLength: number, layout: HeaderLayout): number {
  const { lengthBytes, headerLength, stripBytes, base } = layout;
  const value = stripBytes + frameLength - base;
  if (stripBytes + frameLength < headerLength || value < 0) {
    throw new FrameError("LENGTH_INVALID", {
      reason: "The frame is too short for its header",
      expected: `at least ${Math.max(headerLength, base) - stripBytes} bytes`,
      got: `${frameLength} bytes`,
    });
  }
  checkLengthField(value, lengthBytes);
  return value;
}

function writeLength(
  at: number,
  value: number,
  layout: HeaderLayout,
  output: ByteWriter,
): void {
  const { lengthOffset, lengthBytes, littleEndian } = layout;
  output.setUint(at + lengthOffset, value, lengthBytes, littleEndian);
}
