import { code } from "../../code.ts";

/** What the codes mean, by their variants in Rust. */
const meanings = {
  FrameTooLarge: "The frame is longer than a limit.",
  FrameTruncated: "The stream ended inside a frame.",
  LengthInvalid: "The length is one that no frame can have.",
  DelimiterInFrame: "The frame contains what ends a frame.",
  TextInvalid: "The frame is not UTF-8.",
  VarintOverlong: "The length has more bytes than it may have.",
  HeaderInvalid: "The header is not what it must be.",
  MarkInvalid: "A mark, a terminator or an escape is not what it must be.",
  MessageInvalid: "The frame is not JSON.",
  ChecksumMismatch: "The checksum is wrong.",
};

/** The type of errors, with the codes that occur in the code of a format. */
export function errorsOf(rest: string): string {
  const codes = Object.entries(meanings)
    .filter(([name]) => rest.includes(`ErrorCode::${name}`));
  const variants = codes.map(([name, meaning]) => `/// ${meaning}\n${name},`);
  const texts = codes.map(([name]) =>
    `Self::${name} => "${
      name.replace(/\B[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
    }",`
  );
  const hasTruncated = rest.includes("ErrorCode::FrameTruncated");
  return code`
    /// What is wrong with a frame.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ErrorCode {
        ${variants.join("\n")}
    }

    impl ErrorCode {
        /// The code as framewire has it, such as \`FRAME_TOO_LARGE\`.
        pub fn as_str(self) -> &'static str {
            match self {
                ${texts.join("\n")}
            }
        }

        fn at(self, offset: Option<u64>, message: String) -> FrameError {
            FrameError {
                code: self,
                offset,
                message,
            }
        }
    }

    /// Why bytes are not a frame, or a frame cannot be sent.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FrameError {
        /// What is wrong.
        pub code: ErrorCode,
        /// Where in the stream the frame begins; \`None\` for a frame to be sent.
        pub offset: Option<u64>,
        /// The reason, what was expected, and what was there instead.
        pub message: String,
    }

    impl fmt::Display for FrameError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.message)?;
            match self.offset {
                Some(offset) => write!(f, ", in the frame at byte offset {offset}"),
                None => Ok(()),
            }
        }
    }

    impl Error for FrameError {}

    impl From<FrameError> for io::Error {
        fn from(error: FrameError) -> Self {
            ${
    hasTruncated
      ? code`
        let kind = match error.code {
            ErrorCode::FrameTruncated => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
      `
      : "Self::new(io::ErrorKind::InvalidData, error)"
  }
        }
    }
  `.replaceAll("\\`", "`");
}

/** The functions that make the errors of several places, where they are called. */
export function errorFunctions(rest: string): string {
  return rest.includes("too_large(")
    ? code`
      fn too_large(most: usize, got: &str, offset: Option<u64>) -> FrameError {
          let message = format!("The frame is too large: expected at most {most} bytes, got {got}");
          ErrorCode::FrameTooLarge.at(offset, message)
      }
    `
    : "";
}
