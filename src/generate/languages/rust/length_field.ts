import { code } from "../../code.ts";
import type { LengthFraming } from "../../plan.ts";

/** What reads the length field of `bytes` into a variable of type `usize` or `u64`. */
export function readField(
  framing: LengthFraming,
  isWide: boolean,
  name: string,
): string {
  const { lengthBytes, lengthOffset, lengthEncoding } = framing;
  if (lengthEncoding !== "binary") return readDigits(framing, name);
  const type = isWide ? "u64" : "usize";
  if (lengthBytes === 1) {
    return `let ${name} = ${type}::from(bytes[${lengthOffset}]);`;
  }
  const { width, order } = integerOf(framing);
  const zeros = Array.from({ length: width / 8 - lengthBytes }, () => "0");
  const read = Array.from(
    { length: lengthBytes },
    (_, i) => `bytes[${lengthOffset + i}]`,
  );
  const array = order === "le" ? [...read, ...zeros] : [...zeros, ...read];
  const list = array.join(", ");
  // A line has at most 100 characters.
  const value = list.length > 60
    ? `u${width}::from_${order}_bytes([\n    ${list},\n])`
    : `u${width}::from_${order}_bytes([${list}])`;
  return width === 64
    ? `let ${name} =${lengthBytes === 5 ? "\n   " : ""} ${value};`
    : `let ${name} = ${type}::from(${value});`;
}

function readDigits(
  { lengthOffset, lengthEncoding }: LengthFraming,
  name: string,
): string {
  const digit = {
    binary: "",
    decimal: "(byte as char).to_digit(10)",
    hex: "(byte as char).to_digit(16)",
    bcd: "from_bcd(byte)",
  }[lengthEncoding];
  const base = { binary: 0, decimal: 10, hex: 16, bcd: 100 }[lengthEncoding];
  return code`
    let mut ${name}: u64 = 0;
    for &byte in &bytes[${lengthOffset || ""}..HEADER_LENGTH] {
        let digit = ${digit}.ok_or_else(|| {
            let message = format!("The length is wrong: expected digits, got {byte:#04x}");
            ErrorCode::LengthInvalid.at(Some(self.offset), message)
        })?;
        ${name} = ${name} * ${base} + u64::from(digit);
    }
  `;
}

/**
 * What makes `bytes` of `frame` and the value of the field.
 *
 * @param value The value, of type `usize`.
 */
export function writeField(framing: LengthFraming, value: string): string {
  const { lengthOffset, stripBytes, headerLength, lengthEncoding } = framing;
  const isNamed = /^\w+$/.test(value);
  const named =
    isNamed || value === "frame.len()" && lengthEncoding === "binary"
      ? value
      : "field";
  const field = fieldBytes(framing, named);
  const definition = named === "field" ? `let field = ${value};` : "";
  if (lengthOffset === 0 && stripBytes === headerLength) {
    return code`
      ${definition}
      let mut bytes = Vec::with_capacity(HEADER_LENGTH + frame.len());
      bytes.extend_from_slice(${field});
      bytes.extend_from_slice(frame);
    `;
  }
  const zeros = stripBytes === headerLength ? "HEADER_LENGTH" : `${stripBytes}`;
  const range = `${lengthOffset || ""}..HEADER_LENGTH`;
  const keepsCase = lengthEncoding === "hex" && stripBytes < headerLength;
  return code`
    ${definition}
    ${
    stripBytes === 0 ? "let mut bytes = frame.to_vec();" : code`
      let mut bytes = vec![0; ${zeros}];
      bytes.extend_from_slice(frame);
    `
  }
    ${
    keepsCase
      ? code`
        let digits = ${field.replace(".as_bytes()", "")};
        for (byte, digit) in bytes[${range}].iter_mut().zip(digits.bytes()) {
            // A digit in upper case may stay so.
            if !byte.eq_ignore_ascii_case(&digit) {
                *byte = digit;
            }
        }
      `
      : `bytes[${range}].copy_from_slice(${field});`
  }
  `;
}

/** The bytes of the field as a slice. */
function fieldBytes(framing: LengthFraming, value: string): string {
  const { lengthBytes, lengthEncoding } = framing;
  switch (lengthEncoding) {
    case "binary": {
      if (lengthBytes === 1) return `&[${value} as u8]`;
      const { width, order } = integerOf(framing);
      const spare = width / 8 - lengthBytes;
      const part = order === "le" ? `[..${lengthBytes}]` : `[${spare}..]`;
      return `&(${value} as u${width}).to_${order}_bytes()${
        spare === 0 ? "" : part
      }`;
    }
    case "decimal":
      return `format!("{${value}:0${lengthBytes}}").as_bytes()`;
    case "hex":
      return `format!("{${value}:0${lengthBytes}x}").as_bytes()`;
    case "bcd":
      return `&to_bcd(${value})`;
  }
}

/** The smallest integer of Rust that holds a field. */
function integerOf(
  { lengthBytes, littleEndian }: LengthFraming,
): { width: number; order: "le" | "be" } {
  const width = lengthBytes <= 2 ? 16 : lengthBytes <= 4 ? 32 : 64;
  return { width, order: littleEndian ? "le" : "be" };
}

/** The functions of binary-coded decimal. */
export function bcdCode(lengthBytes: number): string {
  return code`
    fn from_bcd(byte: u8) -> Option<u8> {
        let (high, low) = (byte >> 4, byte & 0x0f);
        (high < 10 && low < 10).then(|| 10 * high + low)
    }

    fn to_bcd(mut value: usize) -> [u8; ${lengthBytes}] {
        let mut bytes = [0; ${lengthBytes}];
        for byte in bytes.iter_mut().rev() {
            let digits = (value % 100) as u8;
            *byte = 16 * (digits / 10) + digits % 10;
            value /= 100;
        }
        bytes
    }
  `;
}
