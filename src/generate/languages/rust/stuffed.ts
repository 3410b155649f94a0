import { code } from "../../code.ts";
import type { StuffedFraming } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { limitCode } from "./limits.ts";
import { hex } from "./literals.ts";
import { readUnstuffed, stuffedConstants, stuffedFields } from "./unstuffed.ts";

export function stuffed(
  framing: StuffedFraming,
  setting: Setting,
): FramingCode {
  const { end, escape, endFirst, skipsInvalid } = framing;
  const { maxFrameLength, maxEncodedLength } = setting.plan.limit;
  const limits = limitCode(maxFrameLength, maxEncodedLength);
  return {
    picture: `${
      endFirst ? `\`${hex(end)}\`, ` : ""
    }a frame in which some bytes are written as \`${
      hex(escape)
    }\` and another, and \`${hex(end)}\``,
    constants: code`
      /// The byte that ends a frame.
      const END: u8 = ${hex(end)};
      /// The byte that begins what stands for another byte.
      const ESCAPE: u8 = ${hex(escape)};
      ${limits.constants}
      ${stuffedConstants(2 * maxFrameLength)}
    `,
    fields: stuffedFields(setting),
    read: readUnstuffed(setting, skipsInvalid),
    items: unstuff(framing),
    encode: code`
      ${limits.checkEncoded()}
      if frame.is_empty() {
          let message = "An empty frame would be passed over: expected at least 1 byte, got 0 bytes";
          return Err(ErrorCode::LengthInvalid.at(None, message.to_string()));
      }
      let mut bytes = Vec::with_capacity(frame.len() + ${endFirst ? 2 : 1});
      ${endFirst && "bytes.push(END);"}
      for &byte in frame {
          match byte {
              ${stuff(framing)}
              _ => bytes.push(byte),
          }
      }
      bytes.push(END);
      Ok(bytes)
    `,
  };
}

/** A byte by its name. */
function named(byte: number, { end, escape }: StuffedFraming): string {
  return byte === end ? "END" : byte === escape ? "ESCAPE" : hex(byte);
}

function stuff(framing: StuffedFraming): string {
  const { written, xor } = framing;
  if (xor !== undefined) {
    const bytes = written.map(([byte]) => named(byte, framing)).join(" | ");
    return `${bytes} => bytes.extend_from_slice(&[ESCAPE, byte ^ ${
      hex(xor)
    }]),`;
  }
  return written.map(([byte, stands]) =>
    `${named(byte, framing)} => bytes.extend_from_slice(&[ESCAPE, ${
      named(stands, framing)
    }]),`
  ).join("\n");
}

function unstuff(framing: StuffedFraming): string {
  const { written, xor, keepsUnknown } = framing;
  return code`
    /// The frame of bytes with escapes; \`None\` if they are not valid.
    fn unstuff(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut frame = Vec::with_capacity(bytes.len());
        let mut rest = bytes.iter();
        while let Some(&byte) = rest.next() {
            if byte != ESCAPE {
                frame.push(byte);
                continue;
            }
            ${
    xor !== undefined ? `frame.push(rest.next()? ^ ${hex(xor)});` : code`
      frame.push(match *rest.next()? {
          ${
      written.map(([byte, stands]) =>
        `${named(stands, framing)} => ${named(byte, framing)},`
      ).join("\n")
    }
          ${keepsUnknown ? "other => other," : "_ => return None,"}
      });
    `
  }
        }
        Some(frame)
    }
  `.replaceAll("\\`", "`");
}
