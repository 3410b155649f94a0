import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import type { Setting } from "./framing.ts";

/** What finds a mark. */
export const findMark: string = code`
  /// Finds a mark, and returns \`true\` and its index, or the index before which none can begin.
  fn find(mark: &[u8], bytes: &[u8], from: usize) -> (usize, bool) {
      for index in from..bytes.len() {
          let rest = &bytes[index..];
          if rest.starts_with(mark) {
              return (index, true);
          }
          if mark.starts_with(rest) {
              return (index, false);
          }
      }
      (bytes.len(), false)
  }
`.replaceAll("\\`", "`");

/** What finds what may stand between frames. */
export const findSeparator: string = code`
  /// The length of the separator at the beginning of bytes; 0 if it is incomplete.
  fn separator(bytes: &[u8], ended: bool) -> Option<usize> {
      for separator in SEPARATORS {
          if bytes.starts_with(separator) {
              return Some(separator.len());
          }
          if !ended && separator.starts_with(bytes) {
              return Some(0);
          }
      }
      None
  }
`;

/** The methods that find the start mark of a frame. */
export function findStart(
  { start, between, skipsInvalid }: MarkedFraming,
  { plan: { limit }, returns }: Setting,
): string {
  const hasNoise = skipsInvalid && between !== "skip";
  const hasSeparators = Array.isArray(between);
  const isLoop = between === "skip" || hasNoise || hasSeparators;
  const other = between === "skip"
    ? code`
      let (index, _) = find(START, bytes, 1);
      self.advance(index);
    `
    : hasNoise
    ? code`
      self.noise.get_or_insert((self.offset, bytes[0]));
      let (index, _) = find(START, bytes, 1);
      self.advance(index);
    `
    : code`
      let got = bytes[0];
      let message = format!("There is no start mark: expected ${
      Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join(" ")
    }, got {got:02x}");
      ${
      isLoop && "return "
    }Err(ErrorCode::MarkInvalid.at(Some(self.offset), message))${isLoop && ";"}
    `;
  const search = code`
    let bytes = &self.buffer[self.start..];
    if bytes.starts_with(START) {
        ${hasNoise && "self.report_noise();"}
        return Ok(true);
    }
    if START.starts_with(bytes) {
        return Ok(false);
    }
    ${
    hasSeparators && code`
      ${
      hasNoise
        ? code`
          let between = if self.noise.is_none() {
              separator(bytes, self.ended)
          } else {
              None
          };
        `
        : ""
    }
      match ${hasNoise ? "between" : "separator(bytes, self.ended)"} {
          Some(0) => return Ok(false),
          Some(length) => {
              self.advance(length);
              continue;
          }
          None => {}
      }
    `
  }
    ${other}
  `;
  return code`
    /// Whether a start mark is next${
    isLoop && "; passes over what may stand before it"
  }.
    fn find_start(&mut self) -> Result<bool, FrameError> {
        ${
    limit.skips && code`
      if self.skipping.is_some() {
          return Ok(true);
      }
    `
  }
        ${
    isLoop
      ? code`
        loop {
            ${search}
        }
      `
      : search
  }
    }

    ${
    hasNoise && code`
      fn report_noise(&mut self) {
          if let Some((offset, byte)) = self.noise.take() {
              let message = format!("There is no start mark: expected ${
      Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join(" ")
    }, got {byte:02x}");
              self.report(ErrorCode::MarkInvalid.at(Some(offset), message));
          }
      }

      /// There is no start mark yet; at the end of the stream, what is left may be noise.
      fn end_noise(&mut self) -> ${returns} {
          if !self.ended || self.noise.is_none() {
              return self.wait(format_args!("a start mark"));
          }
          self.advance(self.buffer.len() - self.start);
          self.report_noise();
          Ok(None)
      }
    `
  }
  `;
}
