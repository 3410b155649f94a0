import { code } from "../../code.ts";
import type { LengthFraming, Limit, PlannedChecksum } from "../../plan.ts";
import {
  counted,
  frameError,
  type FramingCode,
  type LimitCode,
  limitCode,
  type Surroundings,
  tooLarge,
} from "./framing_code.ts";
import { checksumName } from "./checksums.ts";
import { headed } from "./headed.ts";
import { int } from "./literals.ts";

const HEX_DIGITS = 'HEX_DIGITS = b"0123456789abcdefABCDEF"';

/**
 * The code of frames that begin with their length.
 *
 * @param summed A checksum behind the frame that covers the length field as well.
 */
export function lengthCode(
  framing: LengthFraming,
  limit: Limit,
  summed: PlannedChecksum | undefined,
  surroundings: Surroundings,
): FramingCode {
  const { lengthUnit, base, lengthEncoding } = framing;
  const mostOfField = framing.mostOfField * BigInt(lengthUnit) + BigInt(base);
  const { maxFrameLength, maxEncodedLength } = limit;
  const canExceed = mostOfField > maxFrameLength;
  const fits = mostOfField < maxEncodedLength ? mostOfField : maxEncodedLength;
  const limits = limitCode(canExceed ? maxFrameLength : undefined, fits);
  return {
    constants: [
      limits.constants +
      (fits === mostOfField ? "  # what the length field can say" : ""),
      ...lengthEncoding === "hex" ? [HEX_DIGITS] : [],
    ].join("\n"),
    ...headed(
      {
        read: readHeader(framing),
        bodyAt: framing.stripBytes,
        most: limits.decoded,
      },
      limit,
      surroundings,
    ),
    encode: encodeBody(framing, limits, mostOfField, summed),
    ...(canExceed && { functions: tooLarge }),
  };
}

function readHeader(framing: LengthFraming): string {
  const { headerLength, lengthOffset, lengthUnit, least, base } = framing;
  const field = `buffer[${lengthOffset || ""}:${headerLength}]`;
  return code`
    if len(buffer) < ${headerLength}:
        return None
    ${readField(framing, field)}
    ${lengthUnit > 1 && `length *= ${int(lengthUnit)}`}
    ${
    least > 0 && code`
      if length < ${int(least)}:
          raise ${
      frameError({
        code: "LENGTH_INVALID",
        reason: "The length is too small for its header",
        expected: `at least ${Math.ceil(least / lengthUnit)}`,
        got: lengthUnit > 1 ? `{length // ${lengthUnit}}` : "{length}",
        offset: "self._offset",
      })
    }
    `
  }
    ${base !== 0 && `length ${base < 0 ? "-" : "+"}= ${int(Math.abs(base))}`}
  `;
}

/** Reads the field into `length`. */
function readField(framing: LengthFraming, field: string): string {
  const { lengthEncoding, lengthBytes, lengthOffset, littleEndian } = framing;
  if (lengthEncoding === "binary") {
    return lengthBytes === 1
      ? `length = buffer[${lengthOffset}]`
      : `length = int.from_bytes(${field}, "${endian(littleEndian)}")`;
  }
  const isBcd = lengthEncoding === "bcd";
  const isWrong = lengthEncoding === "hex"
    ? "field.strip(HEX_DIGITS)"
    : "not field.isdigit()";
  return code`
    field = ${field}${isBcd && ".hex()"}
    if ${isWrong}:
        raise ${
    frameError({
      code: "LENGTH_INVALID",
      reason: "The length is not in digits",
      expected: `${counted(lengthBytes)} of digits`,
      got: isBcd ? "{field}" : "{field.hex(' ')}",
      offset: "self._offset",
    })
  }
    length = int(field${lengthEncoding === "hex" && ", 16"})
  `;
}

function encodeBody(
  framing: LengthFraming,
  { encoded: most, decoded }: LimitCode,
  mostOfField: bigint,
  summed: PlannedChecksum | undefined,
): string {
  const { headerLength, stripBytes, base, lengthUnit } = framing;
  const inFrame = Math.max(0, headerLength - stripBytes);
  const isKept = inFrame > 0;
  const coversLength = isKept && summed !== undefined;
  const least = Math.max(base, inFrame + (coversLength ? summed.length : 0));
  const isTooLarge = code`
    if len(frame) > ${most}:
        raise ${
    decoded === undefined
      ? frameError({
        code: "FRAME_TOO_LARGE",
        reason: "The frame is too large",
        expected: `at most {${most}} bytes`,
        got: "{len(frame)} bytes",
      })
      : `_too_large(${most}, f"{len(frame)} bytes")`
  }
  `;
  const isTooShort = least > 0 && tooShort(least);
  return code`
    ${
    coversLength &&
    `frame = frame + bytes(${summed.length})  # room for the checksum`
  }
    ${mostOfField < least ? isTooShort : isTooLarge}
    ${mostOfField < least ? isTooLarge : isTooShort}
    ${lengthUnit > 1 && notInUnits(base, lengthUnit)}
    ${isKept ? "" : headerAndFrame(framing)}
    ${isKept && fillHeader(framing)}
    ${
    coversLength && code`
      # The checksum covers the length, too.
      end = len(output) - ${summed.length}
      output[end:] = ${checksumName(summed.name)}(bytes(output[${
      stripBytes || ""
    }:end]))
    `
  }
    ${isKept && "return bytes(output)"}
  `;
}

function headerAndFrame(framing: LengthFraming): string {
  const { headerLength, stripBytes, lengthOffset } = framing;
  const parts = [
    zeros(lengthOffset),
    fieldOf(framing),
    zeros(stripBytes - headerLength),
    "frame",
  ];
  return `return ${parts.filter((part) => part !== "").join(" + ")}`;
}

/** Puts the length where the frame has room for it. */
function fillHeader(framing: LengthFraming): string {
  const { headerLength, stripBytes, lengthOffset, lengthEncoding } = framing;
  const field = `output[${lengthOffset || ""}:${headerLength}]`;
  const before = zeros(stripBytes);
  const isHex = lengthEncoding === "hex";
  return code`
    output = bytearray(${before === "" ? "frame" : `${before} + frame`})
    ${!isHex && `${field} = ${fieldOf(framing)}`}
    ${
    isHex && code`
      # Digits that are there already may be in upper case.
      field, length = ${field}, ${fieldOf(framing)}
      digits = zip(field, field.lower(), length)
      ${field} = bytes(old if lower == new else new for old, lower, new in digits)
    `
  }
  `;
}

/** The length field of `frame`, as an expression. */
function fieldOf(framing: LengthFraming): string {
  const { base, lengthUnit, lengthBytes, lengthEncoding, littleEndian } =
    framing;
  const sum = base === 0
    ? "len(frame)"
    : `len(frame) ${base < 0 ? "+" : "-"} ${int(Math.abs(base))}`;
  const inUnits = base === 0
    ? `len(frame) // ${lengthUnit}`
    : `(${sum}) // ${int(lengthUnit)}`;
  const value = lengthUnit === 1 ? sum : inUnits;
  switch (lengthEncoding) {
    case "binary": {
      if (lengthBytes === 1) return `bytes([${value}])`;
      const number = /^len\(frame\)$/.test(value) ? value : `(${value})`;
      return `${number}.to_bytes(${lengthBytes}, "${endian(littleEndian)}")`;
    }
    case "decimal":
      return `b"%0${lengthBytes}d" % ${grouped(value)}`;
    case "hex":
      return `b"%0${lengthBytes}x" % ${grouped(value)}`;
    case "bcd":
      return `bytes.fromhex(f"{${value}:0${2 * lengthBytes}d}")`;
  }
}

function grouped(value: string): string {
  return value === "len(frame)" ? value : `(${value})`;
}

function notInUnits(base: number, unit: number): string {
  const value = base === 0
    ? "len(frame)"
    : `(len(frame) ${base < 0 ? "+" : "-"} ${int(Math.abs(base))})`;
  return code`
    if ${value} % ${int(unit)}:
        raise ${
    frameError({
      code: "LENGTH_INVALID",
      reason: "The length is not a whole number of units",
      expected: `a multiple of ${counted(unit)}`,
      got: base === 0 ? "{len(frame)} bytes" : `{${value.slice(1, -1)}} bytes`,
    })
  }
  `;
}

function tooShort(least: number): string {
  return code`
    if len(frame) < ${int(least)}:
        raise ${
    frameError({
      code: "LENGTH_INVALID",
      reason: "The frame is too short for its header",
      expected: `at least ${counted(least)}`,
      got: "{len(frame)} bytes",
    })
  }
  `;
}

function zeros(count: number): string {
  return count > 0 ? `bytes(${int(count)})` : "";
}

function endian(littleEndian: boolean): "little" | "big" {
  return littleEndian ? "little" : "big";
}
