import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { passOver, readHeaded, skippingFields } from "./headed.ts";
import { limitCode } from "./limits.ts";
import { number } from "./literals.ts";

export function contentLength(
  { headers, maxHeaderLength }: ContentLengthFraming,
  setting: Setting,
): FramingCode {
  const { maxFrameLength, maxEncodedLength, skips } = setting.plan.limit;
  const limits = limitCode(maxFrameLength, maxEncodedLength);
  return {
    picture:
      `headers in ASCII, one of which is \`Content-Length\`, an empty line, and ${
        headers ? "the body" : "the frame"
      }`,
    constants: code`
      ${limits.constants}
      /// The largest header, in bytes.
      const MAX_HEADER_LENGTH: usize = ${number(maxHeaderLength)};
    `,
    fields: code`
      header: Header,
      ${skips && skippingFields}
    `,
    read: readHeaded({
      header: code`
        let length = match self.read_header()? {
            Some(length) => length,
            None => return self.wait(format_args!("headers and an empty line behind them")),
        };
        let header = self.header.line;
        let bytes = &self.buffer[self.start..];
      `,
      isWide: true,
      before: "header",
      mayBeTooLarge: true,
      leave: headers ? "" : "self.header = Header::default();",
      leaveSkipped: "self.header = Header::default();",
      made: headers
        ? code`
          let headers = std::mem::take(&mut self.header).values;
          let frame = Frame {
              headers,
              body: frame,
          };
        `
        : "",
    }, setting),
    methods: code`
      ${readHeader}

      ${skips && passOver()}
    `,
    items: headerCode(headers),
    encode: headers
      ? encodeHeaders(limits.checkEncoded("frame.body.len()"))
      : code`
      ${limits.checkEncoded()}
      let mut bytes = format!("Content-Length: {}\r\n\r\n", frame.len()).into_bytes();
      if bytes.len() > MAX_HEADER_LENGTH {
          let got = format!("a header of {} bytes", bytes.len());
          return Err(too_large(MAX_HEADER_LENGTH, &got, None));
      }
      bytes.extend_from_slice(frame);
      Ok(bytes)
    `,
  };
}

const readHeader = code`
  /// The length that the header says; \`None\` if the header is incomplete.
  fn read_header(&mut self) -> Result<Option<u64>, FrameError> {
      while !self.header.is_complete {
          let bytes = &self.buffer[self.start..];
          let rest = &bytes[self.header.searched..];
          let found = rest.iter().position(|&byte| byte == b'\n');
          let end = found.map_or(bytes.len(), |at| self.header.searched + at);
          if end >= MAX_HEADER_LENGTH {
              let got = "a longer header";
              return Err(too_large(MAX_HEADER_LENGTH, got, Some(self.offset)));
          }
          self.header.searched = end;
          if found.is_none() {
              return Ok(None);
          }
          let line = &bytes[self.header.line..end];
          self.header.add(line, self.offset)?;
          self.header.searched = end + 1;
          self.header.line = end + 1;
      }
      Ok(self.header.length)
  }
`.replaceAll("\\`", "`");

function headerCode(hasValues: boolean): string {
  return code`
    /// What is known of the header that is being read.
    #[derive(Debug, Default)]
    struct Header {
        /// How many bytes of it have been searched for a line feed.
        searched: usize,
        /// Where its next line begins.
        line: usize,
        length: Option<u64>,
        is_complete: bool,
        ${
    hasValues && code`
      values: Vec<(String, String)>,
      /// Where each name is in \`values\`.
      indices: HashMap<String, usize>,
    `
  }
    }

    impl Header {
        /// Adds a line without its line feed.
        fn add(&mut self, line: &[u8], offset: u64) -> Result<(), FrameError> {
            let line = match line.strip_suffix(b"\r") {
                Some(line) => line,
                None => {
                    let message = "The line end is wrong: expected a carriage return, got none";
                    return Err(ErrorCode::HeaderInvalid.at(Some(offset), message.to_string()));
                }
            };
            if line.is_empty() {
                self.is_complete = true;
                return match self.length {
                    Some(_) => Ok(()),
                    None => {
                        let message = "The length is missing: expected Content-Length, got none";
                        Err(ErrorCode::LengthInvalid.at(Some(offset), message.to_string()))
                    }
                };
            }
            let (name, value) = split_line(line).ok_or_else(|| {
                let message = "The header is wrong: expected a name, a colon and a value in ASCII";
                ErrorCode::HeaderInvalid.at(Some(offset), message.to_string())
            })?;
            if name.eq_ignore_ascii_case("content-length") {
                if self.length.is_some() {
                    let message = "The header is wrong: expected one Content-Length, got another";
                    return Err(ErrorCode::HeaderInvalid.at(Some(offset), message.to_string()));
                }
                if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
                    let message = format!("The length is wrong: expected digits, got {value:?}");
                    return Err(ErrorCode::LengthInvalid.at(Some(offset), message));
                }
                // A number of more digits is over every limit.
                self.length = Some(value.parse().unwrap_or(u64::MAX));
            }
            ${
    hasValues && code`
      let name = name.to_ascii_lowercase();
      match self.indices.get(&name) {
          Some(&index) => {
              let before = &mut self.values[index].1;
              before.push_str(", ");
              before.push_str(value);
          }
          None => {
              self.indices.insert(name.clone(), self.values.len());
              self.values.push((name, value.to_string()));
          }
      }
    `
  }
            Ok(())
        }
    }

    /// The name and the value of a header, if they may be so.
    fn split_line(line: &[u8]) -> Option<(&str, &str)> {
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        (is_name(name) && is_value(value)).then(|| (name, value.trim()))
    }

    /// Whether a text is a token of HTTP (RFC 9110, section 5.6.2).
    fn is_name(text: &str) -> bool {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_\`|~".contains(&byte);
        !text.is_empty() && text.bytes().all(is_token)
    }

    fn is_value(text: &str) -> bool {
        text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
    }
  `.replaceAll("\\`", "`");
}

function encodeHeaders(checkEncoded: string): string {
  return code`
    ${checkEncoded}
    let mut header = format!("Content-Length: {}\r\n", frame.body.len());
    for (name, value) in &frame.headers {
        // The length is that of the body, whatever a header says.
        if name.eq_ignore_ascii_case("content-length") {
            continue;
        }
        if !is_name(name) || !is_value(value) {
            let message = format!("The header is wrong: expected ASCII, got {name:?}: {value:?}");
            return Err(ErrorCode::HeaderInvalid.at(None, message));
        }
        header.push_str(&format!("{name}: {value}\r\n"));
    }
    header.push_str("\r\n");
    if header.len() > MAX_HEADER_LENGTH {
        let got = format!("a header of {} bytes", header.len());
        return Err(too_large(MAX_HEADER_LENGTH, &got, None));
    }
    let mut bytes = header.into_bytes();
    bytes.extend_from_slice(&frame.body);
    Ok(bytes)
  `;
}
