import { checkChoice, checkCount } from "../../checks.ts";
import { bcd, decimal, type Digits, hex } from "../bytes/digits.ts";
import type { FrameLimit } from "../bytes/limits.ts";
import type { ByteFrameOptions, FrameLimitOptions } from "../types.ts";

/**
 * Options of {@linkcode lengthPrefixed}. The bytes in the examples are written
 * in hexadecimal; the frame is always `48 49` (“HI”).
 */
export interface LengthPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * The size of the length field in bytes, from 1 to 8, or to 16 where it has one
   * digit a byte.
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
   * How the length is written: as an unsigned integer, in decimal or hexadecimal
   * digits in ASCII with zeros in front, or in binary-coded decimal, which has two
   * digits a byte. Hexadecimal digits are written in lower case and read in both.
   *
   * | `lengthEncoding` | 42 on the wire (`lengthBytes: 4`) |
   * | --- | --- |
   * | `"binary"` | `00 00 00 2a` |
   * | `"decimal"` | `30 30 34 32` (“0042”) |
   * | `"hex"` | `30 30 32 61` (“002a”) |
   * | `"bcd"` | `00 00 00 42` |
   *
   * @default {"binary"}
   */
  lengthEncoding?: "binary" | "decimal" | "hex" | "bcd";
  /**
   * The byte order of the length field. Digits are always in the order `"big"`.
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
   * The unit of the length on the wire in bytes, from 1 to 65,536. The encoder refuses
   * frames that are not a whole number of units.
   *
   * | `lengthUnit` | on the wire (`lengthBytes: 1`) |
   * | --- | --- |
   * | `1` | `02 48 49` |
   * | `2` | `01 48 49` |
   *
   * @default {1}
   */
  lengthUnit?: number;
  /**
   * A number of bytes to add to the length on the wire to get the length that
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

const DIGITS = { binary: undefined, decimal, hex, bcd };

/** Where the length stands in a header, and what it says. */
export interface HeaderLayout {
  readonly lengthBytes: number;
  /** How a length in digits is written; `undefined` for an integer. */
  readonly digits: Digits | undefined;
  readonly littleEndian: boolean;
  readonly lengthOffset: number;
  readonly unit: number;
  /** The index at which the length field ends. */
  readonly headerLength: number;
  readonly stripBytes: number;
  /** The length of the frame handed out if the length field is 0. */
  readonly base: number;
  /** The largest value of the length field, in units. */
  readonly mostOfField: number;
  /** The smallest valid value of the length field, in bytes. */
  readonly least: number;
  /** The largest value that fits the field and the limit of the encoder, in bytes. */
  readonly most: number;
  readonly limit: FrameLimit;
}

/** Checks the options of a length and works out what follows from them. */
export function headerLayout(
  options: LengthPrefixedOptions,
  limit: FrameLimit,
): HeaderLayout {
  const {
    lengthBytes = 4,
    lengthEncoding = "binary",
    endian = "big",
    lengthOffset = 0,
    lengthIncludes = "body",
    lengthUnit = 1,
    lengthAdjustment = 0,
    stripBytes = lengthOffset + lengthBytes,
  } = options;
  checkChoice<string>("lengthEncoding", lengthEncoding, Object.keys(DIGITS));
  const digits = DIGITS[lengthEncoding];
  const isAscii = digits === decimal || digits === hex;
  checkCount("lengthBytes", lengthBytes, 1, isAscii ? 16 : 8);
  checkCount("lengthUnit", lengthUnit, 1, 65_536);
  checkCount("lengthOffset", lengthOffset, 0, 65_536);
  checkCount("lengthAdjustment", lengthAdjustment, -(2 ** 31), 2 ** 31);
  checkCount("stripBytes", stripBytes, 0, 131_072);
  checkChoice("endian", endian, digits ? ["big"] : ["big", "little"]);
  checkChoice("lengthIncludes", lengthIncludes, ["body", "frame"]);
  const headerLength = lengthOffset + lengthBytes;
  const base = lengthAdjustment +
    (lengthIncludes === "body" ? headerLength : 0) - stripBytes;
  const mostOfField = (digits?.base ?? 256) ** lengthBytes - 1;
  return {
    lengthBytes,
    digits,
    littleEndian: endian === "little",
    lengthOffset,
    unit: lengthUnit,
    headerLength,
    stripBytes,
    base,
    mostOfField,
    least: Math.max(0, Math.max(0, headerLength - stripBytes) - base),
    most: Math.min(mostOfField * lengthUnit, limit.maxEncodedLength - base),
    limit,
  };
}
