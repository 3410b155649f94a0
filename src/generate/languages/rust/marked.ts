import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { oversized, skippingField } from "./delimited.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { limitCode } from "./limits.ts";
import { byteString, counted } from "./literals.ts";
import { findMark, findSeparator, findStart } from "./marked_start.ts";

export function marked(framing: MarkedFraming, setting: Setting): FramingCode {
  const { start, end, between, restart, trailerLength, skipsInvalid } = framing;
  const { limit } = setting.plan;
  const limits = limitCode(limit.maxFrameLength, limit.maxEncodedLength);
  const separators = Array.isArray(between)
    ? [...between as Uint8Array[]].sort((a, b) => b.length - a.length)
    : undefined;
  return {
    picture: `\`${byteString(start).slice(1)}\`, a frame, and \`${
      byteString(end).slice(1)
    }\`${
      trailerLength > 0
        ? `, and ${counted(trailerLength)} more, which end the frame`
        : ""
    }`,
    constants: code`
      const START: &[u8] = ${byteString(start)};
      const END: &[u8] = ${byteString(end)};
      ${
      separators !== undefined && code`
        /// What may stand between two frames, the longest first.
        const SEPARATORS: [&[u8]; ${separators.length}] = [${
        separators.map(byteString).join(", ")
      }];
      `
    }
      ${
      trailerLength > 0 && code`
        /// How many bytes behind the end mark belong to the frame.
        const TRAILER_LENGTH: usize = ${trailerLength};
      `
    }
      ${limits.constants}
    `,
    fields: code`
      /// How many bytes from \`start\` on no end mark begins in.
      searched: usize,
      ${
      restart && code`
        /// The same for the start mark of another frame.
        searched_start: usize,
      `
    }
      ${limit.skips && skippingField}
      ${
      skipsInvalid && between !== "skip" && code`
        /// Where the bytes between two frames begin that are passed over, and the first of them.
        noise: Option<(u64, u8)>,
      `
    }
    `.replaceAll("\\`", "`"),
    read: read(framing, setting),
    methods: findStart(framing, setting),
    items: code`
      ${separators !== undefined && findSeparator}

      ${findMark}
    `,
    encode: encode(framing, limits.checkEncoded),
  };
}

function read(framing: MarkedFraming, setting: Setting): string {
  const { between, restart, trailerLength, skipsInvalid } = framing;
  const { plan: { limit }, keepOffset, some } = setting;
  const isLoop = limit.skips || restart && skipsInvalid;
  const trailer = trailerLength > 0 ? " + TRAILER_LENGTH" : "";
  const from = (name: string) =>
    limit.skips
      ? code`
        if self.skipping.is_some() {
            self.${name}
        } else {
            self.${name}.max(START.len())
        }
      `
      : `self.${name}.max(START.len())`;
  const atEnd = between === "skip"
    ? "Ok(None)"
    : skipsInvalid
    ? "self.end_noise()"
    : 'self.wait(format_args!("a start mark"))';
  const body = code`
    let bytes = &self.buffer[self.start..];
    ${limit.skips && `let from = ${from("searched")};`}
    let (${restart ? "end" : "index"}, found) = find(END, bytes, ${
    limit.skips ? "from" : from("searched")
  });
    ${
    restart && code`
      ${limit.skips && `let from = ${from("searched_start")};`}
      let (start, started) = find(START, bytes, ${
      limit.skips ? "from" : from("searched_start")
    });
      // The mark counts that is complete first.
      let broken_off = started && !(found && end + END.len() <= start + START.len());
      let found = found && !broken_off;
      let index = if found { end } else { end.min(start) };
    `
  }
    self.searched = ${restart ? "end" : "index"};
    ${restart && "self.searched_start = start;"}
    if ${
    limit.skips && "self.skipping.is_none() && "
  }index${trailer} - START.len() > MAX_FRAME_LENGTH {
        ${oversized(limit)}
    }
    ${restart && breakOff(framing, setting)}
    ${
    trailerLength > 0
      ? "let frame_end = index + END.len() + TRAILER_LENGTH;"
      : ""
  }
    if !found${
    trailerLength > 0 && " || self.buffer.len() - self.start < frame_end"
  } {
        ${
    limit.skips && code`
      if self.skipping.is_some() {
          self.searched -= index;
          ${restart && "self.searched_start -= index;"}
          self.advance(index);
      }
    `
  }
        return self.wait(format_args!("an end mark"));
    }
    self.searched = 0;
    ${restart && "self.searched_start = 0;"}
    ${
    limit.skips && code`
      if self.skipping.take().is_some() {
          self.advance(${
      trailerLength > 0 ? "frame_end" : "index + END.len()"
    });
          continue;
      }
    `
  }
    let ${
    trailerLength > 0 && "mut "
  }frame = self.buffer[self.start..][START.len()..index].to_vec();
    ${
    trailerLength > 0 &&
    "frame.extend_from_slice(&self.buffer[self.start..][index + END.len()..frame_end]);"
  }
    ${keepOffset}
    self.advance(${trailerLength > 0 ? "frame_end" : "index + END.len()"});
    ${isLoop ? `return ${some("frame")};` : some("frame")}
  `;
  return isLoop
    ? code`
      while self.find_start()? {
          ${body}
      }
      ${atEnd}
    `
    : code`
      if !self.find_start()? {
          return ${atEnd};
      }
      ${body}
    `;
}

/** What is done where a start mark is in a frame. */
function breakOff(
  { skipsInvalid }: MarkedFraming,
  { plan: { limit } }: Setting,
): string {
  const error = code`
    let message = format!("No end mark: expected one, got a start mark at {index}");
  `;
  const made = "ErrorCode::MarkInvalid.at(Some(self.offset), message)";
  if (!skipsInvalid && !limit.skips) {
    return code`
      if broken_off {
          ${error}
          return Err(${made});
      }
    `;
  }
  return code`
    if broken_off {
        self.searched = end - index;
        self.searched_start = 0;
        ${
    !limit.skips
      ? code`
        ${error}
        self.report(${made});
      `
      : code`
        // An oversized frame has been reported.
        if self.skipping.take().is_none() {
            ${error}
            ${skipsInvalid ? `self.report(${made});` : `return Err(${made});`}
        }
      `
  }
        self.advance(index);
        continue;
    }
  `;
}

function encode(
  { restart, trailerLength }: MarkedFraming,
  checkEncoded: (length?: string) => string,
): string {
  return code`
    ${checkEncoded()}
    ${
    trailerLength > 0
      ? code`
        if frame.len() < TRAILER_LENGTH {
            let message = format!(
                "The frame is shorter than its trailer: expected {TRAILER_LENGTH} bytes, got {} bytes",
                frame.len()
            );
            return Err(ErrorCode::LengthInvalid.at(None, message));
        }
        let (content, trailer) = frame.split_at(frame.len() - TRAILER_LENGTH);
        let ${
        trailerLength > 0 && "mut "
      }bytes = [START, content, END].concat();
      `
      : "let bytes = [START, frame, END].concat();"
  }
    // No mark may be complete before the end mark.
    let inner = &bytes[START.len()..bytes.len() - 1];
    let (index, found) = find(END, inner, 0);
    ${
    restart && code`
      let (index, found) = if found {
          (index, true)
      } else {
          find(START, inner, 0)
      };
    `
  }
    if found {
        let message = format!("The frame contains a mark: expected none, got one at {index}");
        return Err(ErrorCode::DelimiterInFrame.at(None, message));
    }
    ${trailerLength > 0 && "bytes.extend_from_slice(trailer);"}
    Ok(bytes)
  `;
}
