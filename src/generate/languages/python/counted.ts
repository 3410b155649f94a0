import { code } from "../../code.ts";
import type { Limit, NetstringFraming, VarintFraming } from "../../plan.ts";
import {
  counted,
  frameError,
  type FramingCode,
  limitCode,
  type Surroundings,
  tooLarge,
} from "./framing_code.ts";
import { headed } from "./headed.ts";

/** The code of frames that begin with their length as a variable-length integer. */
export function varintCode(
  framing: VarintFraming,
  limit: Limit,
  surroundings: Surroundings,
): FramingCode {
  const { encoding, maxLengthBytes } = framing;
  const isZigzag = encoding === "zigzag";
  const bits = 7 * maxLengthBytes - (isZigzag ? 1 : 0);
  const mostOfField = 2n ** BigInt(bits) - 1n;
  const { maxFrameLength, maxEncodedLength } = limit;
  const canExceed = mostOfField > maxFrameLength;
  const fits = mostOfField < maxEncodedLength ? mostOfField : maxEncodedLength;
  const limits = limitCode(canExceed ? maxFrameLength : undefined, fits);
  return {
    constants: limits.constants,
    ...headed(
      { read: readVarint(framing), bodyAt: "start", most: limits.decoded },
      limit,
      surroundings,
    ),
    encode: code`
      if len(frame) > ${limits.encoded}:
          raise _too_large(${limits.encoded}, f"{len(frame)} bytes")
      return _varint(${isZigzag && "2 * "}len(frame)) + frame
    `,
    functions: `${
      encoding === "vlq" ? writeVlq : writeLeb128
    }\n\n\n${tooLarge}`,
  };
}

function readVarint(
  { encoding, maxLengthBytes, acceptsOverlong }: VarintFraming,
): string {
  const isVlq = encoding === "vlq";
  const overlong = (expected: string, got: string) =>
    frameError({
      code: "VARINT_OVERLONG",
      reason: "The length is too long in bytes",
      expected,
      got,
      offset: "self._offset",
    });
  return code`
    length = 0
    for index in range(${maxLengthBytes}):
        if index == len(buffer):
            return None
        byte = buffer[index]
        ${
    isVlq
      ? "length = length << 7 | byte & 0x7F"
      : "length |= (byte & 0x7F) << 7 * index"
  }
        if byte < 0x80:
            break
    else:
        raise ${overlong(`at most ${counted(maxLengthBytes)}`, "more")}
    ${
    !acceptsOverlong && maxLengthBytes > 1 && code`
      if index > 0 and ${isVlq ? "buffer[0] == 0x80" : "byte == 0"}:
          raise ${overlong("the shortest form of the length", "a longer one")}
    `
  }
    ${
    encoding === "zigzag" && code`
      if length & 1:
          raise ${
      frameError({
        code: "LENGTH_INVALID",
        reason: "The length is negative",
        expected: "at least 0",
        got: "{-(length + 1) // 2}",
        offset: "self._offset",
      })
    }
      length >>= 1
    `
  }
    start = index + 1
  `;
}

const writeLeb128 = code`
  def _varint(value: int) -> bytes:
      """Return a number, the lowest seven bits first."""
      output = bytearray()
      while value >= 0x80:
          output.append(value & 0x7F | 0x80)
          value >>= 7
      output.append(value)
      return bytes(output)
`;

const writeVlq = code`
  def _varint(value: int) -> bytes:
      """Return a number, the highest seven bits first."""
      output = bytearray([value & 0x7F])
      value >>= 7
      while value > 0:
          output.append(value & 0x7F | 0x80)
          value >>= 7
      output.reverse()
      return bytes(output)
`;

/** The code of netstrings. */
export function netstringCode(
  { maxDigits }: NetstringFraming,
  limit: Limit,
  surroundings: Surroundings,
): FramingCode {
  const { maxFrameLength, maxEncodedLength } = limit;
  const canExceed = 10 ** maxDigits - 1 > maxFrameLength;
  const limits = limitCode(maxFrameLength, maxEncodedLength);
  return {
    constants: limits.constants,
    ...headed(
      {
        read: readDigits(maxDigits),
        bodyAt: "start",
        trailerLength: 1,
        checkTrailer,
        most: canExceed ? limits.decoded : undefined,
      },
      limit,
      surroundings,
    ),
    encode: code`
      if len(frame) > ${limits.encoded}:
          raise _too_large(${limits.encoded}, f"{len(frame)} bytes")
      return b"%d:%b," % (len(frame), frame)
    `,
    functions: tooLarge,
  };
}

function readDigits(maxDigits: number): string {
  return code`
    length = 0
    for index, byte in enumerate(buffer[:${maxDigits + 1}]):
        if byte == 0x3A and index > 0:  # a colon
            break
        if not 0x30 <= byte <= 0x39 or (index == 1 and length == 0):
            raise ${
    frameError({
      code: "LENGTH_INVALID",
      reason: "The length is not written as it must be",
      expected: "decimal digits without leading zeros, and a colon",
      got: "0x{byte:02x} at byte {index}",
      offset: "self._offset",
    })
  }
        if index == ${maxDigits}:
            raise _too_large(MAX_FRAME_LENGTH, "more", self._offset)
        length = 10 * length + byte - 0x30
    else:
        return None
    start = index + 1
  `;
}

function checkTrailer(index: string, offset: string): string {
  return code`
    if buffer[${index}] != 0x2C:  # a comma
        raise ${
    frameError({
      code: "MARK_INVALID",
      reason: "The terminator is wrong",
      expected: "the byte 0x2c",
      got: `0x{buffer[${index}]:02x}`,
      offset,
    })
  }
  `;
}
