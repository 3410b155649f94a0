import { code } from "../../code.ts";
import type { LengthFraming } from "../../plan.ts";
import { headedFields, headedNext } from "./headed.ts";
import { encodeFrame } from "./length_encode.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { bytesOf, plus } from "./syntax.ts";

const MAX_INT = 2n ** 31n - 1n;
/** More than any limit, and little enough to add a header to. */
const HUGE = 2n ** 62n;

/** A length, which may stand between other bytes. */
export function lengthCode(
  framing: LengthFraming,
  frames: Frames,
): FramingCode {
  const { headerLength, stripBytes, base, lengthUnit, mostOfField } = framing;
  const field = mostOfField * BigInt(lengthUnit);
  const isHuge = field >= HUGE;
  const most = (isHuge ? HUGE : field) + BigInt(base);
  const isWide = field > MAX_INT || most + BigInt(stripBytes) > MAX_INT;
  const cap = isHuge ? HUGE / BigInt(lengthUnit) : undefined;
  const header = code`
    if len(in) < ${headerLength} {
      ${frames.no(`d.wait("a header of ${bytesOf(headerLength)}")`)}
    }
    ${readField(framing, frames, cap, isWide ? "int64" : "int")}
    ${checkLeast(framing, frames)}
    ${toFrameLength(framing)}
  `;
  return {
    picture: picture(framing),
    declarations: "",
    fields: headedFields(frames),
    onDrop: "",
    next: headedNext(frames, {
      header,
      isWide,
      most,
      start: stripBytes,
      mostStart: stripBytes,
    }),
    helpers: "",
    encode: encodeFrame(framing, frames),
  };
}

/** Declares `length` with the value of the field, or with `cap` where it is less. */
function readField(
  framing: LengthFraming,
  frames: Frames,
  cap: bigint | undefined,
  type: "int" | "int64",
): string {
  const digits = readDigits(framing, frames);
  const value = digits === "" ? readInteger(framing) : "value";
  if (cap === undefined) {
    return code`
      ${digits}
      length := ${type}(${value})
    `;
  }
  return code`
    ${digits === "" ? `value := ${value}` : digits}
    if value > ${goPower(cap)} {
      value = ${
    goPower(cap).replace("<<", " << ")
  } // More than any limit, and than any stream has.
    }
    length := ${type}(value)
  `;
}

/** A number as a shift where it is a power of two. */
function goPower(value: bigint): string {
  const digits = value.toString(2);
  return /^10*$/.test(digits) ? `1<<${digits.length - 1}` : `${value}`;
}

/** The value of a length field that is an integer. */
function readInteger(
  { lengthBytes, lengthOffset, littleEndian }: LengthFraming,
): string {
  if (lengthBytes === 1) return `in[${lengthOffset}]`;
  if ([2, 4, 8].includes(lengthBytes)) {
    const order = littleEndian ? "LittleEndian" : "BigEndian";
    const at = lengthOffset === 0 ? "in" : `in[${lengthOffset}:]`;
    return `binary.${order}.Uint${8 * lengthBytes}(${at})`;
  }
  return Array.from({ length: lengthBytes }, (_, i) => {
    const shift = 8 * (lengthBytes - 1 - i);
    const index = lengthOffset + (littleEndian ? lengthBytes - 1 - i : i);
    return `uint64(in[${index}])${shift === 0 ? "" : `<<${shift}`}`;
  }).join(" | ");
}

/** Declares `value` with a length in digits; nothing for an integer. */
function readDigits(framing: LengthFraming, frames: Frames): string {
  const { lengthBytes, lengthOffset, headerLength, lengthEncoding } = framing;
  if (lengthEncoding === "binary") return "";
  const field = `in[${lengthOffset || ""}:${headerLength}]`;
  const digits = lengthEncoding === "bcd"
    ? `hex.EncodeToString(${field})`
    : `string(${field})`;
  return code`
    value, err := strconv.ParseUint(${digits}, ${
    lengthEncoding === "hex" ? 16 : 10
  }, 64)
    if err != nil {
      ${
    frames.no(code`
      d.fail(CodeLengthInvalid,
        "the length is not in digits: expected ${
      bytesOf(lengthBytes)
    } of digits, got % x", ${field})
    `)
  }
    }
  `;
}

/** Refuses a length that is less than the header which it counts. */
function checkLeast(
  { least, lengthUnit }: LengthFraming,
  frames: Frames,
): string {
  if (least === 0) return "";
  const inUnits = Math.ceil(least / lengthUnit);
  return code`
    if length < ${inUnits} {
      ${
    frames.no(code`
      d.fail(CodeLengthInvalid,
        "the length is too small for its header: expected at least ${inUnits}, got %d", length)
    `)
  }
    }
  `;
}

/** Makes the length of the frame from the value of the field. */
function toFrameLength(
  { lengthUnit, base, stripBytes, headerLength }: LengthFraming,
): string {
  if (lengthUnit > 1) {
    return base === 0
      ? `length *= ${lengthUnit}`
      : `length = ${plus(`${lengthUnit}*length`, base)}`;
  }
  if (base === 0) return "";
  const isCounted = base === -headerLength && stripBytes === headerLength;
  return code`
    length ${base < 0 ? "-" : "+"}= ${Math.abs(base)}${
    isCounted ? " // It counts its own header." : ""
  }
  `;
}

function picture(framing: LengthFraming): string {
  const {
    lengthBytes,
    lengthEncoding,
    littleEndian,
    lengthOffset,
    lengthUnit,
    headerLength,
    stripBytes,
    base,
  } = framing;
  const how = lengthEncoding !== "binary"
    ? ` of ${lengthEncoding === "bcd" ? "BCD" : lengthEncoding} digits`
    : lengthBytes === 1
    ? ""
    : `, ${littleEndian ? "little" : "big"}-endian`;
  const unit = lengthUnit === 1 ? "" : `, in units of ${lengthUnit}`;
  const more = headerLength - stripBytes - base;
  const counts = more === 0
    ? ""
    : more === headerLength
    ? ", counting the header"
    : `, counting ${bytesOf(Math.abs(more))} ${more < 0 ? "less" : "more"}`;
  const length = `length (${bytesOf(lengthBytes)}${how}${unit}${counts})`;
  const before = lengthOffset === 0 ? "" : `${bytesOf(lengthOffset)} | `;
  if (stripBytes === headerLength) return `${before}${length} | frame`;
  return stripBytes === 0
    ? `frame = ${before}${length} | rest`
    : `${before}${length} | rest; the frame is all but the first ${
      bytesOf(stripBytes)
    }`;
}
