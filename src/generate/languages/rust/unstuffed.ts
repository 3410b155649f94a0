import { code } from "../../code.ts";
import { oversized, skippingField } from "./delimited.ts";
import type { Setting } from "./framing.ts";
import { number } from "./literals.ts";

/** The constants of framings whose frames are made so that one byte can end them. */
export function stuffedConstants(longest: number): string {
  return code`
    /// The largest number of bytes that such a frame is written with.
    const MAX_STUFFED_LENGTH: usize = ${number(longest)};
  `;
}

/** The fields of their decoders. */
export function stuffedFields({ plan }: Setting): string {
  return code`
    /// How many bytes from \`start\` on are not \`END\`.
    searched: usize,
    ${plan.limit.skips && skippingField}
  `.replaceAll("\\`", "`");
}

/** The body of the method that reads their frames. */
export function readUnstuffed(
  { plan: { limit }, keepOffset, some }: Setting,
  skipsInvalid: boolean,
): string {
  const { skips } = limit;
  const tooLarge = 'too_large(MAX_FRAME_LENGTH, "more", Some(offset))';
  const kept = keepOffset || "let offset = self.offset;";
  return code`
    loop {
        let bytes = &self.buffer[self.start..];
        let rest = &bytes[self.searched..];
        let found = rest.iter().position(|&byte| byte == END);
        let length = found.map_or(bytes.len(), |at| self.searched + at);
        if ${
    skips && "self.skipping.is_none() && "
  }length > MAX_STUFFED_LENGTH {
            ${oversized(limit)}
        }
        if found.is_none() {
            ${
    skips
      ? code`
        if self.skipping.is_some() {
            self.searched = 0;
            self.advance(length);
        } else {
            self.searched = length;
        }
      `
      : "self.searched = length;"
  }
            return self.wait(format_args!("the byte that ends the frame"));
        }
        self.searched = 0;
        if ${skips && "self.skipping.take().is_some() || "}length == 0 {
            self.advance(length + 1);
            continue;
        }
        let result = unstuff(&self.buffer[self.start..][..length]);
        ${kept}
        self.advance(length + 1);
        match result {
            Some(frame) if frame.len() > MAX_FRAME_LENGTH => {
                ${
    skips ? `self.report(${tooLarge});` : `return Err(${tooLarge});`
  }
            }
            Some(frame) => return ${some("frame")},
            None => {
                let message = "The frame is not stuffed as its format says".to_string();
                let error = ErrorCode::MarkInvalid.at(Some(offset), message);
                ${skipsInvalid ? "self.report(error);" : "return Err(error);"}
            }
        }
    }
  `;
}
