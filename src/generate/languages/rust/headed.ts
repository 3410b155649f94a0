import { code } from "../../code.ts";
import type { Setting } from "./framing.ts";

/** A framing with a header that tells the length of what follows. */
export interface Headed {
  /**
   * What defines `length`, the number of bytes behind the header that belong to the
   * frame, and leaves `read` where the header is not complete or not valid.
   */
  readonly header: string;
  /** Whether `length` is of type `u64`; otherwise it is of type `usize`. */
  readonly isWide: boolean;
  /** How many bytes are before those that `length` counts: a number or a variable. */
  readonly before: string;
  /** How many bytes are behind them. */
  readonly after?: number;
  /** What checks them where `end` is known. */
  readonly check?: string;
  /** Whether a length may be over the limit; otherwise nothing is checked. */
  readonly mayBeTooLarge: boolean;
  /** What is done as a header is left behind whose frame is not handed out. */
  readonly leaveSkipped?: string;
  /** The same where the frame is handed out. */
  readonly leave?: string;
  /** What makes of `frame` what is handed out. */
  readonly made?: string;
}

/** The body of the method that reads frames with such headers. */
export function readHeaded(headed: Headed, setting: Setting): string {
  const { header, isWide, before, after = 0, mayBeTooLarge } = headed;
  const { plan, keepOffset, some } = setting;
  const skips = plan.limit.skips && mayBeTooLarge;
  const end = sumOf(before, "length", `${after}`);
  const bodyEnd = after === 0 ? "end" : `end - ${after}`;
  const body = code`
    ${header}
    ${
    mayBeTooLarge && code`
      if length > MAX_FRAME_LENGTH${isWide && " as u64"} {
          ${refusal(headed, setting)}
      }
    `
  }
    let end = ${isWide ? end.replace("length", "length as usize") : end};
    if bytes.len() < end {
        return self.wait(format_args!("a frame of {end} bytes"));
    }
    ${headed.check ?? ""}
    let frame = bytes[${before === "0" ? "" : before}..${bodyEnd}].to_vec();
    ${keepOffset}
    self.advance(end);
    ${headed.leave ?? ""}
    ${headed.made ?? ""}
    ${skips ? `return ${some("frame")};` : some("frame")}
  `;
  return skips
    ? code`
      loop {
          if !self.pass_over()? {
              return Ok(None);
          }
          ${body}
      }
    `
    : body;
}

/** What is done with a frame over the limit. */
function refusal(
  { isWide, before, after = 0, leaveSkipped = "" }: Headed,
  { plan }: Setting,
): string {
  const got = 'let got = format!("{length} bytes");';
  const error = `too_large(MAX_FRAME_LENGTH, &got, Some(self.offset))`;
  if (!plan.limit.skips) return `${got}\nreturn Err(${error});`;
  const rest = sumOf(before, `${after}`);
  const wideRest = /^\d+$/.test(rest) ? rest : `(${rest}) as u64`;
  const left = isWide && rest !== "0"
    ? `length.saturating_add(${wideRest})`
    : isWide
    ? "length"
    : rest === "0"
    ? "length as u64"
    : `(${sumOf(before, "length", `${after}`)}) as u64`;
  return code`
    self.skipping = Some(self.offset);
    self.left = ${left.replace(/\((\w+)\) as/, "$1 as")};
    ${leaveSkipped}
    ${got}
    self.report(${error});
    continue;
  `;
}

function sumOf(...terms: readonly string[]): string {
  return terms.filter((term) => term !== "0").join(" + ") || "0";
}

/** The fields of a decoder that passes over oversized frames. */
export const skippingFields: string = code`
  /// Where the oversized frame began that is being passed over.
  skipping: Option<u64>,
  /// How many bytes of it have not arrived.
  left: u64,
`;

/**
 * The method that passes over oversized frames.
 *
 * @param check What checks `bytes`, which begin with the end of such a frame.
 */
export function passOver(check: string = ""): string {
  return code`
    /// Passes over what is there of an oversized frame; \`false\` if there is more of it.
    fn pass_over(&mut self) -> Result<bool, FrameError> {
        if self.skipping.is_none() {
            return Ok(true);
        }
        let bytes = &self.buffer[self.start..];
        let length = bytes.len() as u64;
        if length < self.left {
            self.left -= length;
            self.advance(length as usize);
            self.wait(format_args!("{} bytes more", self.left))?;
            return Ok(false);
        }
        ${check}
        self.advance(self.left as usize);
        self.skipping = None;
        Ok(true)
    }
  `.replaceAll("\\`", "`");
}
