import { code } from "../../code.ts";
import type { FixedFraming } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { wideOnly } from "./limits.ts";
import { counted, number } from "./literals.ts";

export function fixed(
  { frameLength }: FixedFraming,
  { keepOffset, some }: Setting,
): FramingCode {
  return {
    picture: `${counted(frameLength)}, which are the frame`,
    constants: code`
      /// The length of every frame, in bytes.
      const FRAME_LENGTH: usize = ${number(frameLength)};
      ${frameLength > 0x7fff_ffff && wideOnly}
    `,
    read: code`
      let bytes = &self.buffer[self.start..];
      if bytes.len() < FRAME_LENGTH {
          return self.wait(format_args!("a frame of {FRAME_LENGTH} bytes"));
      }
      let frame = bytes[..FRAME_LENGTH].to_vec();
      ${keepOffset}
      self.advance(FRAME_LENGTH);
      ${some("frame")}
    `,
    encode: code`
      if frame.len() != FRAME_LENGTH {
          let message = format!(
              "The frame does not have the fixed length: expected {FRAME_LENGTH} bytes, got {} bytes",
              frame.len()
          );
          return Err(ErrorCode::LengthInvalid.at(None, message));
      }
      Ok(frame.to_vec())
    `,
  };
}
