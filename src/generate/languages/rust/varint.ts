import { code } from "../../code.ts";
import type { VarintFraming } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { passOver, readHeaded, skippingFields } from "./headed.ts";
import { limitCode } from "./limits.ts";
import { counted } from "./literals.ts";

export function varint(framing: VarintFraming, setting: Setting): FramingCode {
  const { encoding, maxLengthBytes } = framing;
  const { maxFrameLength, maxEncodedLength, skips } = setting.plan.limit;
  const bits = 7 * maxLengthBytes - (encoding === "zigzag" ? 1 : 0);
  const most = Math.min(maxEncodedLength, 2 ** bits - 1);
  const limit = limitCode(maxFrameLength, most);
  const kind = {
    leb128: "the lowest seven bits first",
    vlq: "the highest seven bits first",
    zigzag: "twice the number, the lowest seven bits first",
  }[encoding];
  return {
    picture: `the length of the frame (1 to ${
      counted(maxLengthBytes)
    }, ${kind}), and the frame`,
    constants: code`
      /// How many bytes a length has at most.
      const MAX_LENGTH_BYTES: usize = ${maxLengthBytes};
      ${limit.constants}
    `,
    fields: skips ? skippingFields : "",
    read: readHeaded({
      header: code`
        let bytes = &self.buffer[self.start..];
        let (header, length) = match read_length(bytes, self.offset)? {
            Some(found) => found,
            None => return self.wait(format_args!("a whole length")),
        };
      `,
      isWide: true,
      before: "header",
      mayBeTooLarge: true,
    }, setting),
    methods: skips ? passOver() : "",
    items: readLength(framing),
    encode: code`
      ${limit.checkEncoded()}
      ${encoding === "vlq" ? writeVlq : writeLeb128(encoding === "zigzag")}
      bytes.extend_from_slice(frame);
      Ok(bytes)
    `,
  };
}

function readLength(
  { encoding, acceptsOverlong, maxLengthBytes }: VarintFraming,
): string {
  // Ten bytes have more bits than the largest integer that is handed out.
  const isLong = maxLengthBytes > 9;
  const type = isLong ? "u128" : "u64";
  const bits = `${type}::from(byte & 0x7f)`;
  const highest = encoding === "vlq" ? "bytes[0] & 0x7f" : "byte";
  const value = encoding === "zigzag" ? "value / 2" : "value";
  return code`
    /// The length of a length, and the length that it says; \`None\` if it is incomplete.
    fn read_length(bytes: &[u8], offset: u64) -> Result<Option<(usize, u64)>, FrameError> {
        let overlong = |what| {
            let message = format!("The length is too long in bytes: expected {what}, got more");
            ErrorCode::VarintOverlong.at(Some(offset), message)
        };
        let mut value: ${type} = 0;
        for (i, &byte) in bytes.iter().take(MAX_LENGTH_BYTES).enumerate() {
            ${
    encoding === "vlq"
      ? `value = value << 7 | ${bits};`
      : `value |= ${bits} << (7 * i);`
  }
            if byte >= 0x80 {
                continue;
            }
            ${
    !acceptsOverlong && code`
      if i > 0 && ${highest} == 0 {
          return Err(overlong("the shortest form".to_string()));
      }
    `
  }
            ${
    encoding === "zigzag" && code`
      if value % 2 == 1 {
          let got = value / 2 + 1;
          let message = format!("The length is negative: expected at least 0, got -{got}");
          return Err(ErrorCode::LengthInvalid.at(Some(offset), message));
      }
    `
  }
            ${
    isLong
      ? `let length = u64::try_from(${value}).unwrap_or(u64::MAX);\nreturn Ok(Some((i + 1, length)));`
      : `return Ok(Some((i + 1, ${value})));`
  }
        }
        if bytes.len() < MAX_LENGTH_BYTES {
            return Ok(None);
        }
        Err(overlong(format!("at most {MAX_LENGTH_BYTES} bytes")))
    }
  `.replaceAll("\\`", "`");
}

function writeLeb128(isDoubled: boolean): string {
  return code`
    let mut bytes = Vec::with_capacity(MAX_LENGTH_BYTES + frame.len());
    let mut rest = ${isDoubled && "2 * "}frame.len();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
  `;
}

const writeVlq = code`
  let mut bytes = Vec::with_capacity(MAX_LENGTH_BYTES + frame.len());
  let mut shift = 0;
  while frame.len() >> shift >= 0x80 {
      shift += 7;
  }
  while shift > 0 {
      bytes.push((frame.len() >> shift) as u8 | 0x80);
      shift -= 7;
  }
  bytes.push(frame.len() as u8 & 0x7f);
`;
