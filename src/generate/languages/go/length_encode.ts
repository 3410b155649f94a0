import { code } from "../../code.ts";
import type { LengthFraming, PlannedChecksum } from "../../plan.ts";
import { checksumCall, coveringChecksum } from "./checksums.ts";
import { encodeLimit } from "./limits.ts";
import type { Frames } from "./parts.ts";
import { bytesOf, compact, comparable, plus } from "./syntax.ts";

/** What is left of `Encode` when `frame` is the bytes of the frame. */
export function encodeFrame(framing: LengthFraming, frames: Frames): string {
  const { stripBytes, headerLength, base } = framing;
  const sum = coveringChecksum(frames.plan);
  const size = sum === undefined ? "len(frame)" : "size";
  const inFrame = Math.max(0, headerLength - stripBytes);
  const least = Math.max(base, inFrame);
  const room = stripBytes === 0 ? size : `${stripBytes}+${size}`;
  return code`
    ${
    sum !== undefined &&
    `size := len(frame) + ${sum.length} // With the checksum.`
  }
    ${checkMost(framing, frames, size)}
    ${least > 0 && tooShort(size, least)}
    ${
    sum !== undefined && inFrame > least - sum.length &&
    tooShort("len(frame)", inFrame)
  }
    ${checkUnit(framing, size)}
    out := make([]byte, ${room})
    copy(out${from(stripBytes)}, frame)
    ${putField(framing, size)}
    ${sum !== undefined && appendSum(sum, stripBytes)}
    return out, nil
  `;
}

function from(index: number): string {
  return index === 0 ? "" : `[${index}:]`;
}

/** Refuses what is over the limit, or what the field cannot say. */
function checkMost(
  { mostOfField, lengthUnit, base }: LengthFraming,
  frames: Frames,
  size: string,
): string {
  const most = mostOfField * BigInt(lengthUnit) + BigInt(base);
  if (most >= BigInt(frames.plan.limit.maxEncodedLength)) {
    return encodeLimit(frames, size);
  }
  return code`
    if ${comparable(size, most)} > ${`${most}`} {
      return nil, refuse(CodeFrameTooLarge,
        "the frame is too large for its length field: expected at most ${
    bytesOf(most)
  }, got %d bytes", ${size})
    }
  `;
}

function tooShort(length: string, least: number): string {
  return code`
    if ${comparable(length, least)} < ${least} {
      return nil, refuse(CodeLengthInvalid,
        "the frame is too short for its header: expected at least ${
    bytesOf(least)
  }, got %d bytes", ${length})
    }
  `;
}

function checkUnit(
  { lengthUnit, base }: LengthFraming,
  size: string,
): string {
  if (lengthUnit === 1) return "";
  return code`
    length := ${announced(size, base)}
    if length%${lengthUnit} != 0 {
      return nil, refuse(CodeLengthInvalid,
        "the length is not a whole number of units: expected a multiple of ${
    bytesOf(lengthUnit)
  }, got %d bytes", length)
    }
  `;
}

/** What the length field says, in bytes, of a frame of a size. */
function announced(size: string, base: number): string {
  return plus(comparable(size, Math.abs(base)), -base);
}

/** Fills in the length field of `out`. */
function putField(framing: LengthFraming, size: string): string {
  const { lengthBytes, lengthOffset, lengthUnit, base } = framing;
  const value = lengthUnit === 1
    ? announced(size, base)
    : `length / ${lengthUnit}`;
  if (framing.lengthEncoding !== "binary") return putDigits(framing, value);
  const order = framing.littleEndian ? "LittleEndian" : "BigEndian";
  const bits = 8 * lengthBytes;
  switch (lengthBytes) {
    case 1:
      return `out[${lengthOffset}] = byte(${value})`;
    case 2:
    case 4:
    case 8:
      return code`
        binary.${order}.PutUint${bits}(out${from(lengthOffset)}, uint${bits}(${
        compact(value)
      }))
      `;
    default:
      return code`
        field := make([]byte, 8)
        binary.${order}.PutUint64(field, uint64(${compact(value)}))
        copy(out${from(lengthOffset)}, field[${
        framing.littleEndian ? `:${lengthBytes}` : `${8 - lengthBytes}:`
      }])
      `;
  }
}

function putDigits(
  { lengthBytes, lengthOffset, lengthEncoding, stripBytes, headerLength }:
    LengthFraming,
  value: string,
): string {
  const out = `out${from(lengthOffset)}`;
  const argument = compact(value);
  if (lengthEncoding === "bcd") {
    return code`
      hex.Decode(${out}, []byte(fmt.Sprintf("%0${
      2 * lengthBytes
    }d", ${argument})))
    `;
  }
  const letter = lengthEncoding === "hex" ? "x" : "d";
  const printed = `fmt.Sprintf("%0${lengthBytes}${letter}", ${argument})`;
  if (lengthEncoding === "decimal" || stripBytes >= headerLength) {
    return `copy(${out}, ${printed})`;
  }
  const at = lengthOffset === 0 ? "i" : `${lengthOffset}+i`;
  return code`
    field := ${printed}
    upper := strings.ToUpper(field)
    for i := range field {
      if out[${at}] != upper[i] { // The frame may have it in the other letters.
        out[${at}] = field[i]
      }
    }
  `;
}

function appendSum(sum: PlannedChecksum, stripBytes: number): string {
  const end = stripBytes === 0 ? "len(frame)" : `${stripBytes}+len(frame)`;
  const covered = stripBytes === 0
    ? `out[:${end}]`
    : `out[${stripBytes}:${end}]`;
  return `copy(out[${end}:], ${checksumCall(sum, covered)})`;
}
