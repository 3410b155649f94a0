import { code } from "../../code.ts";
import type { CobsFraming } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { limitCode } from "./limits.ts";
import { readUnstuffed, stuffedConstants, stuffedFields } from "./unstuffed.ts";

export function cobs(
  { skipsInvalid }: CobsFraming,
  setting: Setting,
): FramingCode {
  const { maxFrameLength, maxEncodedLength } = setting.plan.limit;
  const limits = limitCode(maxFrameLength, maxEncodedLength);
  const longest = maxFrameLength + Math.floor(maxFrameLength / 254) + 1;
  return {
    picture:
      "blocks that begin with the distance to the next zero of the frame, and a zero",
    constants: code`
      /// The byte that ends a frame.
      const END: u8 = 0;
      /// The largest number of bytes that a block has behind its first.
      const FULL_BLOCK: usize = 254;
      ${limits.constants}
      ${stuffedConstants(longest)}
    `,
    fields: stuffedFields(setting),
    read: readUnstuffed(setting, skipsInvalid),
    items: unstuff,
    encode: code`
      ${limits.checkEncoded()}
      let mut bytes = Vec::with_capacity(frame.len() + frame.len() / FULL_BLOCK + 2);
      let mut rest = frame;
      loop {
          let zero = rest.iter().take(FULL_BLOCK).position(|&byte| byte == 0);
          let length = zero.unwrap_or_else(|| rest.len().min(FULL_BLOCK));
          bytes.push(length as u8 + 1);
          bytes.extend_from_slice(&rest[..length]);
          // A block ends at a zero of the frame, which is left out, or where it is full.
          rest = &rest[length + usize::from(zero.is_some())..];
          if rest.is_empty() && zero.is_none() {
              break;
          }
      }
      bytes.push(END);
      Ok(bytes)
    `,
  };
}

const unstuff = code`
  /// The frame of blocks; \`None\` if they are not valid.
  fn unstuff(bytes: &[u8]) -> Option<Vec<u8>> {
      let mut frame = Vec::with_capacity(bytes.len());
      let mut rest = bytes;
      while let Some((&code, block)) = rest.split_first() {
          let length = usize::from(code) - 1;
          frame.extend_from_slice(block.get(..length)?);
          rest = &block[length..];
          if length < FULL_BLOCK && !rest.is_empty() {
              frame.push(0);
          }
      }
      Some(frame)
  }
`.replaceAll("\\`", "`");
