import { code } from "../../code.ts";
import type { DelimitedFraming, Limit } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { limitCode } from "./limits.ts";
import { byte, byteString } from "./literals.ts";

export function delimited(
  framing: DelimitedFraming,
  setting: Setting,
): FramingCode {
  const { delimiters, keepDelimiter } = framing;
  const { limit } = setting.plan;
  const shown = delimiters.map((one) => `\`${byteString(one).slice(1)}\``).join(
    " or ",
  );
  const limits = limitCode(limit.maxFrameLength, limit.maxEncodedLength);
  const byLength = [...delimiters].sort((a, b) => b.length - a.length);
  const only = onlyByte(framing);
  const isOne = delimiters.length === 1;
  return {
    picture: `a frame, and ${shown} behind it${
      keepDelimiter ? ", which is part of the frame" : ""
    }`,
    constants: code`
      ${
      only !== undefined
        ? `const DELIMITER: u8 = ${byte(only)};`
        : isOne
        ? `const DELIMITER: &[u8] = ${byteString(delimiters[0]!)};`
        : code`
          /// What ends a frame, the longest first.
          const DELIMITERS: [&[u8]; ${delimiters.length}] = [${
          byLength.map(byteString).join(", ")
        }];
        `
    }
      ${limits.constants}
    `,
    fields: code`
      /// How many bytes from \`start\` on no delimiter begins in.
      searched: usize,
      ${limit.skips && skippingField}
    `.replaceAll("\\`", "`"),
    read: read(framing, setting),
    methods: framing.truncated === "emit" ? rest(setting) : "",
    items: only !== undefined ? "" : isOne ? findOne : findAny,
    encode: encode(framing, limits.checkEncoded),
  };
}

/** The field of a decoder that passes over oversized frames. */
export const skippingField: string = code`
  /// Where the oversized frame began that is being passed over.
  skipping: Option<u64>,
`;

/** What is done with a frame that turns out to be over the limit. */
export function oversized({ skips }: Limit): string {
  const error = `too_large(MAX_FRAME_LENGTH, "more", Some(self.offset))`;
  return skips
    ? `self.skipping = Some(self.offset);\nself.report(${error});`
    : `return Err(${error});`;
}

/** The byte that is the only delimiter, if it is so. */
function onlyByte({ delimiters }: DelimitedFraming): number | undefined {
  const [first] = delimiters;
  return delimiters.length === 1 && first?.length === 1 ? first[0] : undefined;
}

function read(framing: DelimitedFraming, setting: Setting): string {
  const { keepDelimiter, skipEmpty, truncated } = framing;
  const { plan: { limit }, keepOffset, some } = setting;
  const isByte = onlyByte(framing) !== undefined;
  const length = isByte ? "1" : "length";
  const isLoop = skipEmpty || limit.skips;
  const passed = [
    ...limit.skips ? ["self.skipping.take().is_some()"] : [],
    ...skipEmpty ? ["index == 0"] : [],
  ].join(" || ");
  const body = code`
    let bytes = &self.buffer[self.start..];
    ${
    isByte
      ? code`
        let rest = &bytes[self.searched..];
        let found = rest.iter().position(|&byte| byte == DELIMITER);
        let index = found.map_or(bytes.len(), |at| self.searched + at);
      `
      : "let (index, length) = find_delimiter(bytes, self.searched, self.ended);"
  }
    if ${limit.skips && "self.skipping.is_none() && "}index > MAX_FRAME_LENGTH {
        ${oversized(limit)}
    }
    if ${isByte ? "found.is_none()" : "length == 0"} {
        ${
    limit.skips
      ? code`
        if self.skipping.is_some() {
            self.searched = 0;
            self.advance(index);
        } else {
            self.searched = index;
        }
      `
      : "self.searched = index;"
  }
        ${unfinished(truncated)}
    }
    self.searched = 0;
    ${
    isLoop && code`
      if ${passed} {
          self.advance(index + ${length});
          continue;
      }
    `
  }
    let frame = self.buffer[self.start..][..index${
    keepDelimiter && ` + ${length}`
  }].to_vec();
    ${keepOffset}
    self.advance(index + ${length});
    ${isLoop ? `return ${some("frame")};` : some("frame")}
  `;
  return !isLoop ? body : code`
    loop {
        ${body}
    }
  `;
}

/** What is done where no delimiter has arrived. */
function unfinished(truncated: DelimitedFraming["truncated"]): string {
  switch (truncated) {
    case "error":
      return 'return self.wait(format_args!("a delimiter"));';
    case "emit":
      return "return Ok(self.rest());";
    case "drop":
      return code`
        if self.ended {
            self.start = self.buffer.len();
        }
        return Ok(None);
      `;
  }
}

/** What takes the bytes behind the last delimiter. */
function rest({ frame, keepOffset }: Setting): string {
  return code`
    /// At the end of the stream, the bytes behind the last delimiter are a frame.
    fn rest(&mut self) -> Option<${frame}> {
        if !self.ended || self.start == self.buffer.len() {
            return None;
        }
        let frame = self.buffer[self.start..].to_vec();
        ${keepOffset}
        self.searched = 0;
        self.advance(frame.len());
        Some(${keepOffset === "" ? "frame" : "(offset, frame)"})
    }
  `;
}

const findOne = code`
  /// Finds the delimiter: its index and its length. The length is 0 where there is none,
  /// and none can begin before the index.
  fn find_delimiter(bytes: &[u8], from: usize, ended: bool) -> (usize, usize) {
      for index in from..bytes.len() {
          let rest = &bytes[index..];
          if rest.starts_with(DELIMITER) {
              return (index, DELIMITER.len());
          }
          if !ended && DELIMITER.starts_with(rest) {
              return (index, 0);
          }
      }
      (bytes.len(), 0)
  }
`;

const findAny = code`
  /// Finds the first delimiter: its index and its length. The length is 0 where there is none,
  /// or where a longer one may still arrive; none can begin before the index.
  fn find_delimiter(bytes: &[u8], from: usize, ended: bool) -> (usize, usize) {
      for index in from..bytes.len() {
          let rest = &bytes[index..];
          for delimiter in DELIMITERS {
              if rest.starts_with(delimiter) {
                  return (index, delimiter.len());
              }
              if !ended && delimiter.starts_with(rest) {
                  return (index, 0);
              }
          }
      }
      (bytes.len(), 0)
  }
`;

function encode(
  framing: DelimitedFraming,
  checkEncoded: (length?: string) => string,
): string {
  const { delimiters, keepDelimiter, skipEmpty } = framing;
  const isByte = onlyByte(framing) !== undefined;
  const empty = code`
    let message = "An empty frame is left out: expected 1 byte or more, got 0 bytes";
    return Err(ErrorCode::LengthInvalid.at(None, message.to_string()));
  `;
  if (keepDelimiter) {
    return code`
      ${
      isByte
        ? code`
          let found = frame.iter().position(|&byte| byte == DELIMITER);
          let index = found.unwrap_or(frame.len());
          let is_last = index + 1 == frame.len();
        `
        : code`
          let (index, length) = find_delimiter(frame, 0, false);
          let is_last = length > 0 && index + length == frame.len();
        `
    }
      ${
      skipEmpty && code`
        if frame.is_empty() || is_last && index == 0 {
            ${empty}
        }
      `
    }
      ${checkEncoded("index")}
      if !is_last {
          let message = "The frame does not end with its only delimiter".to_string();
          return Err(ErrorCode::DelimiterInFrame.at(None, message));
      }
      Ok(frame.to_vec())
    `;
  }
  const first = delimiters[0]!;
  const name = delimiters.length > 1 ? byteString(first) : "DELIMITER";
  const error = (index: string) =>
    code`
      let message = format!("The frame contains a delimiter: expected none, got one at ${index}");
      return Err(ErrorCode::DelimiterInFrame.at(None, message));
    `;
  return code`
    ${
    skipEmpty && code`
      if frame.is_empty() {
          ${empty}
      }
    `
  }
    ${checkEncoded()}
    ${
    isByte
      ? code`
        if let Some(index) = frame.iter().position(|&byte| byte == DELIMITER) {
            ${error("{index}")}
        }
        let mut bytes = frame.to_vec();
        bytes.push(DELIMITER);
        Ok(bytes)
      `
      : code`
        let bytes = [frame, ${name}].concat();
        // The delimiter behind the frame must be the first, and no longer one may begin before it.
        let (index, length) = find_delimiter(&bytes, 0, false);
        if length == 0 || index < frame.len() {
            ${error("{index}")}
        }
        Ok(bytes)
      `
  }
  `;
}
