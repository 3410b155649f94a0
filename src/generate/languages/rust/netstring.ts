import { code } from "../../code.ts";
import type { NetstringFraming } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { passOver, readHeaded, skippingFields } from "./headed.ts";
import { limitCode } from "./limits.ts";

export function netstring(
  { maxDigits }: NetstringFraming,
  setting: Setting,
): FramingCode {
  const { maxFrameLength, maxEncodedLength, skips } = setting.plan.limit;
  const limit = limitCode(maxFrameLength, maxEncodedLength);
  return {
    picture:
      "the length of the frame in decimal digits, a colon, the frame, and a comma",
    constants: code`
      ${limit.constants}
      /// How many digits a length has at most.
      const MAX_DIGITS: usize = ${maxDigits};
    `,
    fields: skips ? skippingFields : "",
    read: readHeaded({
      header: code`
        let bytes = &self.buffer[self.start..];
        let (header, length) = match read_length(bytes, self.offset)? {
            Some(found) => found,
            None => return self.wait(format_args!("a length and a colon")),
        };
      `,
      isWide: true,
      before: "header",
      after: 1,
      check: "check_comma(bytes[end - 1], self.offset)?;",
      mayBeTooLarge: true,
    }, setting),
    methods: skips
      ? passOver(
        "let offset = self.skipping.unwrap_or(self.offset);\ncheck_comma(bytes[self.left as usize - 1], offset)?;",
      )
      : "",
    items,
    encode: code`
      ${limit.checkEncoded()}
      let mut bytes = format!("{}:", frame.len()).into_bytes();
      bytes.extend_from_slice(frame);
      bytes.push(b',');
      Ok(bytes)
    `,
  };
}

const items = code`
  /// The length of a header, and the length that it says; \`None\` if it is incomplete.
  fn read_length(bytes: &[u8], offset: u64) -> Result<Option<(usize, u64)>, FrameError> {
      let mut length = 0;
      for (i, &byte) in bytes.iter().take(MAX_DIGITS + 1).enumerate() {
          if byte == b':' && i > 0 {
              return Ok(Some((i + 1, length)));
          }
          if !byte.is_ascii_digit() || i == 1 && length == 0 {
              let message = format!("The length is wrong: expected digits, got {byte:#04x}");
              return Err(ErrorCode::LengthInvalid.at(Some(offset), message));
          }
          if i == MAX_DIGITS {
              return Err(too_large(MAX_FRAME_LENGTH, "more", Some(offset)));
          }
          length = 10 * length + u64::from(byte - b'0');
      }
      Ok(None)
  }

  fn check_comma(byte: u8, offset: u64) -> Result<(), FrameError> {
      if byte == b',' {
          return Ok(());
      }
      let message = format!("The terminator is wrong: expected a comma, got {byte:#04x}");
      Err(ErrorCode::MarkInvalid.at(Some(offset), message))
  }
`.replaceAll("\\`", "`");
