import { hexOf } from "../bytes/hex.ts";
import { describeCodec, limitNames } from "../description.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { FrameError } from "../errors.ts";
import type { FrameHeader } from "../bytes/headed_reader.ts";
import { frameLimit, tooLargeForField } from "../bytes/limits.ts";
import { prefixed, type PrefixedCodec } from "./prefixed.ts";
import {
  type HeaderLayout,
  headerLayout,
  type LengthPrefixedOptions,
} from "./length_layout.ts";
export type { LengthPrefixedOptions };

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
 * @example Four decimal digits
 * ```ts
 * import { lengthPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = lengthPrefixed({ lengthEncoding: "decimal" });
 * const bytes = new TextEncoder().encode("0002HI");
 * assertEquals(codec.decode(bytes), [new TextEncoder().encode("HI")]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE` if a frame exceeds the limit or the
 * length field, `LENGTH_INVALID` if a length is smaller than the header that it
 * counts or not in digits, or a frame to encode is not a whole number of units,
 * and `FRAME_TRUNCATED`.
 *
 * @param options The layout of the header and the limit.
 * @returns The codec.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If an option has none of its values.
 */
export function lengthPrefixed(
  options: LengthPrefixedOptions = {},
): PrefixedCodec {
  const description = describeCodec("lengthPrefixed", options, [
    ...limitNames,
    "copy",
    "lengthBytes",
    "lengthEncoding",
    "endian",
    "lengthOffset",
    "lengthIncludes",
    "lengthUnit",
    "lengthAdjustment",
    "stripBytes",
  ]);
  const limit = frameLimit(options);
  const layout = headerLayout(options, limit);
  return {
    ...prefixed({
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
    }),
    description,
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
    this.#isUint32 = layout.lengthBytes === 4 && !layout.littleEndian &&
      layout.digits === undefined && layout.unit === 1;
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
      throw lengthInvalid(announced, this.#layout, input);
    }
    this.bodyLength = announced + this.#base;
    return true;
  }
}

/** The value of the length field in bytes; below 0 if it is not in digits. */
function readLength(input: ByteQueue, layout: HeaderLayout): number {
  const { lengthOffset, lengthBytes, littleEndian, digits, unit } = layout;
  return unit *
    (digits === undefined
      ? input.uintAt(lengthOffset, lengthBytes, littleEndian)
      : digits.read(input, lengthOffset, lengthBytes));
}

/** The value of the length field for a frame of `frameLength` bytes. */
function announcedLength(frameLength: number, layout: HeaderLayout): number {
  const value = frameLength - layout.base;
  if (value < layout.least || value > layout.most) {
    throw lengthRefused(frameLength, layout);
  }
  return layout.unit === 1 ? value : inUnits(value, layout.unit);
}

function inUnits(value: number, unit: number): number {
  if (value % unit === 0) return value / unit;
  throw new FrameError("LENGTH_INVALID", {
    reason: "The length is not a whole number of units",
    expected: `a multiple of ${unit} bytes`,
    got: `${value} bytes`,
  });
}

/** Fills in the length field of the frame that begins at `at`. */
function writeLength(
  at: number,
  value: number,
  layout: HeaderLayout,
  output: ByteWriter,
): void {
  const { digits } = layout;
  const field = at + layout.lengthOffset;
  if (digits !== undefined) {
    digits.write(output, field, layout.lengthBytes, value);
  } else output.setUint(field, value, layout.lengthBytes, layout.littleEndian);
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
  header.write(start.subarray(0, least), stripBytes);
  writeLength(0, value, layout, header);
  const from = Math.max(lengthOffset, stripBytes);
  start.set(header.view(from), from - stripBytes);
}

function lengthInvalid(
  announced: number,
  layout: HeaderLayout,
  input: ByteQueue,
): FrameError {
  const { lengthOffset, lengthBytes, headerLength, unit } = layout;
  const offset = input.frameOffset;
  if (announced >= 0) {
    return new FrameError("LENGTH_INVALID", {
      reason: "The length is too small for its header",
      offset,
      expected: `at least ${Math.ceil(layout.least / unit)}`,
      got: `${announced / unit}`,
    });
  }
  const field = input.peek(headerLength).subarray(lengthOffset);
  return new FrameError("LENGTH_INVALID", {
    reason: "The length is not in digits",
    offset,
    expected: `${lengthBytes} bytes of digits`,
    got: hexOf(field),
  });
}

function lengthRefused(frameLength: number, layout: HeaderLayout): FrameError {
  const { base, headerLength, stripBytes, limit, mostOfField, unit } = layout;
  limit.checkEncoded(frameLength);
  const value = frameLength - base;
  if (value >= layout.least) {
    return tooLargeForField(Math.ceil(value / unit), mostOfField);
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
