import type { ByteQueue } from "../bytes/byte_queue.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { FrameError } from "../errors.ts";
import type { FrameHeader } from "../bytes/headed_reader.ts";
import { checkChoice, checkCount } from "../../checks.ts";
import { frameLimit, tooLarge, tooLargeForField } from "../bytes/limits.ts";
import { prefixed, type PrefixedCodec } from "./prefixed.ts";
import type { ByteFrameOptions, FrameLimitOptions } from "../types.ts";

/**
 * Options of {@linkcode lengthPrefixed}. The bytes in the examples are written
 * in hexadecimal; the frame is always `48 49` (“HI”).
 */
export interface LengthPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * The size of the length field in bytes, from 1 to 8.
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
   * How many bytes precede the length field. The encoder writes zeros there,
   * unless `stripBytes` leaves them to the frame.
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
   * What the length counts: the bytes behind the length field, or all bytes,
   * including the length field and those before it.
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
   * A number to add to the length on the wire to get the length that
   * `lengthIncludes` describes, for formats whose length counts a few bytes
   * more or fewer.
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
   * How many bytes the decoder removes from the start. The encoder puts them
   * back: zeros, and the length in its place. With `0`, frames include their
   * header, and the encoder only fills in the length.
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
 * Errors of its frames: `FRAME_TOO_LARGE` if a frame exceeds the limit or the
 * length field, `LENGTH_INVALID` if a length is smaller than the header that it
 * counts, and `FRAME_TRUNCATED`.
 *
 * @param options The layout of the header and the limit.
 * @returns The codec.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If an option has none of its values.
 */
export function lengthPrefixed(
  options: LengthPrefixedOptions = {},
): PrefixedCodec {
  const limit = frameLimit(options);
  const layout = headerLayout(options, limit.maxFrameLength);
  return prefixed({
    name: "lengthPrefixed",
    limit,
    copy: options.copy ?? false,
    header: () => new LengthHeader(layout),
    writeHeader(length, output) {
      if (layout.stripBytes < layout.headerLength) {
        throw new TypeError(
          "Cannot write a header alone: stripBytes leaves it to the frame",
        );
      }
      const value = announcedLength(length, layout);
      const at = output.length;
      output.writeZeros(layout.stripBytes);
      writeLength(at, value, layout, output);
    },
    writeFrame(frame, output) {
      const value = announcedLength(frame.length, layout);
      const at = output.write(frame, layout.stripBytes);
      writeLength(at, value, layout, output);
    },
    ...(layout.stripBytes < layout.headerLength && {
      fillLength(start, frameLength) {
        const value = announcedLength(frameLength, layout);
        fillLength(start, value, layout);
      },
    }),
  });
}

interface HeaderLayout {
  readonly lengthBytes: number;
  readonly littleEndian: boolean;
  readonly lengthOffset: number;
  /** The index at which the length field ends. */
  readonly headerLength: number;
  readonly stripBytes: number;
  /** The length of the frame handed out if the length field is 0. */
  readonly base: number;
  /** The smallest valid value of the length field. */
  readonly least: number;
  /** The largest value that fits the field and the limit. */
  readonly most: number;
  readonly maxFrameLength: number;
}

function headerLayout(
  options: LengthPrefixedOptions,
  maxFrameLength: number,
): HeaderLayout {
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
  const base = lengthAdjustment +
    (lengthIncludes === "body" ? headerLength : 0) - stripBytes;
  return {
    lengthBytes,
    littleEndian: endian === "little",
    lengthOffset,
    headerLength,
    stripBytes,
    base,
    least: Math.max(0, Math.max(0, headerLength - stripBytes) - base),
    most: Math.min(256 ** lengthBytes - 1, maxFrameLength - base),
    maxFrameLength,
  };
}

class LengthHeader implements FrameHeader<Uint8Array> {
  readonly #layout: HeaderLayout;
  // What each frame needs, at hand: engines then inline `read`.
  readonly #headerLength: number;
  readonly #lengthOffset: number;
  readonly #isUint32: boolean;
  readonly #least: number;
  readonly #base: number;
  readonly length: number;
  bodyLength = 0;

  constructor(layout: HeaderLayout) {
    this.#layout = layout;
    this.#headerLength = layout.headerLength;
    this.#lengthOffset = layout.lengthOffset;
    this.#isUint32 = layout.lengthBytes === 4 && !layout.littleEndian;
    this.#least = layout.least;
    this.#base = layout.base;
    this.length = layout.stripBytes;
  }

  get missing(): string {
    return `a header of ${this.#headerLength} bytes`;
  }

  read(input: ByteQueue): boolean {
    if (input.length < this.#headerLength) return false;
    const announced = this.#isUint32
      ? input.uint32At(this.#lengthOffset)
      : readLength(input, this.#layout);
    if (announced < this.#least) {
      throw lengthTooSmall(announced, this.#layout, input.frameOffset);
    }
    this.bodyLength = announced + this.#base;
    return true;
  }
}

function readLength(input: ByteQueue, layout: HeaderLayout): number {
  const { lengthOffset, lengthBytes, littleEndian } = layout;
  return input.uintAt(lengthOffset, lengthBytes, littleEndian);
}

/** The value of the length field for a frame of `frameLength` bytes. */
function announcedLength(frameLength: number, layout: HeaderLayout): number {
  const value = frameLength - layout.base;
  if (value < layout.least || value > layout.most) {
    throw lengthRefused(frameLength, layout);
  }
  return value;
}

/** Fills in the length field of the frame that begins at `at`. */
function writeLength(
  at: number,
  value: number,
  layout: HeaderLayout,
  output: ByteWriter,
): void {
  output.setUint(
    at + layout.lengthOffset,
    value,
    layout.lengthBytes,
    layout.littleEndian,
  );
}

/** Fills in what a frame that begins with `start` includes of its length field. */
function fillLength(
  start: Uint8Array,
  value: number,
  layout: HeaderLayout,
): void {
  const { lengthOffset, headerLength, stripBytes } = layout;
  const least = headerLength - stripBytes;
  if (start.length < least) throw tooShort(least, start.length);
  const header = new ByteWriter();
  header.writeZeros(headerLength);
  writeLength(0, value, layout, header);
  const from = Math.max(lengthOffset, stripBytes);
  start.set(header.view(from), from - stripBytes);
}

function lengthTooSmall(
  announced: number,
  layout: HeaderLayout,
  offset: number,
): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "The length is too small for its header",
    offset,
    expected: `at least ${layout.least}`,
    got: `${announced}`,
  });
}

function lengthRefused(frameLength: number, layout: HeaderLayout): FrameError {
  const { base, headerLength, stripBytes, maxFrameLength, lengthBytes } =
    layout;
  if (frameLength > maxFrameLength) {
    return tooLarge(maxFrameLength, frameLength);
  }
  const value = frameLength - base;
  if (value >= layout.least) {
    return tooLargeForField(value, 256 ** lengthBytes - 1);
  }
  return tooShort(Math.max(base, headerLength - stripBytes), frameLength);
}

function tooShort(least: number, length: number): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "The frame is too short for its header",
    expected: `at least ${least} bytes`,
    got: `${length} bytes`,
  });
}
