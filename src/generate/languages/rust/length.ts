import { code } from "../../code.ts";
import type { LengthFraming, Plan } from "../../plan.ts";
import { sumName } from "./checksum.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { passOver, readHeaded, skippingFields } from "./headed.ts";
import { bcdCode, readField, writeField } from "./length_field.ts";
import { type LimitCode, limitCode } from "./limits.ts";
import { counted, number } from "./literals.ts";

export function length(framing: LengthFraming, setting: Setting): FramingCode {
  const { plan } = setting;
  const { headerLength, stripBytes, lengthUnit, base } = framing;
  const { maxFrameLength, skips } = plan.limit;
  const longest = framing.mostOfField * BigInt(lengthUnit) + BigInt(base);
  const isWide = framing.lengthBytes > 2 || longest > 0x7fff_ffffn ||
    framing.lengthEncoding !== "binary";
  const mayBeTooLarge = isWide || longest > BigInt(maxFrameLength);
  const limit = limitCode(
    mayBeTooLarge ? maxFrameLength : undefined,
    mostEncoded(longest, plan),
  );
  const { lines, name } = inBytes(framing, longest);
  return {
    picture: picture(framing),
    constants: code`
      const HEADER_LENGTH: usize = ${headerLength};
      ${limit.constants}
    `,
    fields: skips && mayBeTooLarge ? skippingFields : "",
    read: readHeaded({
      header: code`
        let bytes = &self.buffer[self.start..];
        if bytes.len() < HEADER_LENGTH {
            return self.wait(format_args!("a header of {HEADER_LENGTH} bytes"));
        }
        ${readField(framing, isWide, name)}
        ${lines}
      `,
      isWide,
      before: stripBytes === headerLength ? "HEADER_LENGTH" : `${stripBytes}`,
      mayBeTooLarge,
    }, setting),
    methods: skips && mayBeTooLarge ? passOver() : "",
    items: framing.lengthEncoding === "bcd" ? bcdCode(framing.lengthBytes) : "",
    encode: encode(framing, plan, limit),
  };
}

function picture(
  { lengthBytes, lengthEncoding, littleEndian, lengthOffset, ...framing }:
    LengthFraming,
): string {
  const kind = {
    binary: lengthBytes === 1
      ? ""
      : littleEndian
      ? ", little-endian"
      : ", big-endian",
    decimal: " of decimal digits",
    hex: " of hexadecimal digits",
    bcd: " of binary-coded decimal",
  }[lengthEncoding];
  const before = lengthOffset === 0 ? "" : `${counted(lengthOffset)}, `;
  const { stripBytes, headerLength } = framing;
  const stripped = stripBytes === headerLength
    ? ""
    : stripBytes === 0
    ? "; all of it is the frame"
    : `; the frame is what follows the first ${counted(stripBytes)}`;
  return `${before}a length (${
    counted(lengthBytes)
  }${kind}), and so many bytes as it says${stripped}`;
}

/** What makes the length of the frame of the value of the field. */
function inBytes(
  { lengthUnit, base, least }: LengthFraming,
  longest: bigint,
): { lines: string; name: string } {
  const mayOverflow = longest > 0xffff_ffff_ffff_ffffn;
  const inUnits = lengthUnit === 1
    ? "field"
    : mayOverflow
    ? `field.saturating_mul(${lengthUnit})`
    : `field * ${lengthUnit}`;
  const added = base === 0
    ? ""
    : base < 0
    ? ` - ${number(-base)}`
    : mayOverflow
    ? `.saturating_add(${number(base)})`
    : ` + ${number(base)}`;
  const shift = `${inUnits}${added}`;
  const fewest = Math.ceil(least / lengthUnit);
  // The name of the value of the field, which often is the length.
  const name = shift === "field" ? "length" : "field";
  const lines = code`
    ${
    fewest > 0 && code`
      if ${name} < ${number(fewest)} {
          let message = format!("The length is wrong: expected at least ${fewest}, got {${name}}");
          return Err(ErrorCode::LengthInvalid.at(Some(self.offset), message));
      }
    `
  }
    ${shift !== "field" && `let length = ${shift};`}
  `;
  return { lines, name };
}

/** The largest frame that fits the limit and the length field. */
function mostEncoded(longest: bigint, { limit, expression }: Plan): number {
  if (longest < 0n) {
    throw new TypeError(
      `Cannot generate Rust for ${expression}: expected a length that says the size of some frame`,
    );
  }
  const { maxEncodedLength } = limit;
  return longest < BigInt(maxEncodedLength)
    ? Number(longest)
    : maxEncodedLength;
}

function encode(
  framing: LengthFraming,
  { checksums: [sum] }: Plan,
  limit: LimitCode,
): string {
  const { lengthUnit: unit, base, headerLength, stripBytes, least } = framing;
  const size = sum === undefined ? "frame.len()" : "length";
  const fewest = least + base;
  const included = headerLength - stripBytes;
  const value = base === 0
    ? size
    : base < 0
    ? `${size} + ${number(-base)}`
    : `${size} - ${number(base)}`;
  const summed = stripBytes === headerLength
    ? "bytes[HEADER_LENGTH..]"
    : stripBytes === 0
    ? "bytes"
    : `bytes[${stripBytes}..]`;
  return code`
    ${sum !== undefined && `let length = frame.len() + ${sum.length};`}
    ${limit.checkEncoded(size)}
    ${fewest > 0 && tooShort(size, fewest)}
    ${
    sum !== undefined && included > fewest - sum.length && included > 0 &&
    tooShort("frame.len()", included)
  }
    ${
    unit === 1 ? writeField(framing, value) : code`
      let counted = ${value};
      let units = counted / ${unit};
      if units * ${unit} != counted {
          let message = format!("The length is wrong: expected units of ${unit} bytes, got {counted}");
          return Err(ErrorCode::LengthInvalid.at(None, message));
      }
      ${writeField(framing, "units")}
    `
  }
    ${
    sum !== undefined && code`
      let sum = ${sumName(sum)}(&${summed});
      bytes.extend_from_slice(&sum);
    `
  }
    Ok(bytes)
  `;
}

function tooShort(size: string, fewest: number): string {
  return code`
    if ${
    fewest === 1 && size === "frame.len()"
      ? "frame.is_empty()"
      : `${size} < ${number(fewest)}`
  } {
        let got = ${size};
        let message = format!("The frame is too short: expected at least ${fewest}, got {got}");
        return Err(ErrorCode::LengthInvalid.at(None, message));
    }
  `;
}
