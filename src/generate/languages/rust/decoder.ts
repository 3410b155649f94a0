import { code } from "../../code.ts";
import type { FramingCode, Setting } from "./framing.ts";
import { readViews } from "./content.ts";

/** The decoder: what all decoders have, and what the framing adds. */
export function decoderCode(framing: FramingCode, setting: Setting): string {
  const { plan, hasViews, reports, returns, keepOffset } = setting;
  const framed = !hasViews
    ? "next frame"
    : keepOffset === ""
    ? "bytes of the next frame"
    : "bytes of the next frame, and where it begins";
  const rest = `${framing.read}${framing.methods ?? ""}`;
  return code`
    /// Finds the frames in a stream of bytes, however the bytes were cut.
    #[derive(${reports ? "Default" : "Debug, Default"})]
    pub struct Decoder {
        /// What has arrived. The bytes before \`start\` have been used.
        buffer: Vec<u8>,
        start: usize,
        /// Where in the stream the byte at \`start\` is.
        offset: u64,
        ended: bool,
        failure: Option<FrameError>,
        ${framing.fields ?? ""}
        ${reports && "on_skip: Option<Box<dyn FnMut(FrameError) + Send>>,"}
    }

    impl Decoder {
        /// Makes a decoder of one stream.
        pub fn new() -> Self {
            Self::default()
        }

        ${
    reports && code`
        /// Calls a function with the error of each frame that is passed over.
        pub fn on_skip(mut self, on_skip: impl FnMut(FrameError) + Send + 'static) -> Self {
            self.on_skip = Some(Box::new(on_skip));
            self
        }
      `
  }

        /// Takes the next bytes of the stream.
        ///
        /// # Panics
        ///
        /// After \`end\`.
        pub fn push(&mut self, bytes: &[u8]) {
            assert!(!self.ended, "the stream has ended");
            // No frame follows a failure.
            if self.failure.is_some() {
                return;
            }
            // At most as many bytes are moved as have been used.
            if self.start >= self.buffer.len() / 2 {
                self.buffer.drain(..self.start);
                self.start = 0;
            }
            self.buffer.extend_from_slice(bytes);
        }

        /// Returns the next frame; \`None\` if it has not arrived completely.
        ///
        /// # Errors
        ///
        /// If the next bytes are not a frame. From then on, every call returns the same error.
        pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            let result = self.read();
            if let Err(error) = &result {
                self.failure = Some(error.clone());
            }
            result
        }

        /// Says that the stream has ended: what is left must be whole frames.
        pub fn end(&mut self) {
            self.ended = true;
        }

        /// Returns the bytes that are in no frame so far, for what follows the frames.
        pub fn into_unread(mut self) -> Vec<u8> {
            self.buffer.split_off(self.start)
        }

        ${hasViews && readViews(plan)}

        /// Takes the ${framed}, if it has arrived.
        fn ${hasViews ? "read_bytes" : "read"}(&mut self) -> ${returns} {
            ${framing.read}
        }

        ${framing.methods ?? ""}

        ${rest.includes("self.wait(") && wait(setting)}

        fn advance(&mut self, count: usize) {
            self.start += count;
            self.offset += count as u64;
        }

        ${
    reports && code`
        fn report(&mut self, error: FrameError) {
            if let Some(on_skip) = &mut self.on_skip {
                on_skip(error);
            }
        }
      `
  }
    }
  `.replaceAll("\\`", "`");
}

/** What is said where a frame is incomplete. */
function wait({ plan, returns }: Setting): string {
  const { skips } = plan.limit;
  return code`
    /// There is no frame yet; at the end of the stream, there must be no part of one.
    fn wait(&self, expected: fmt::Arguments<'_>) -> ${returns} {
        ${
    skips
      ? code`
        let offset = self.skipping.unwrap_or(self.offset);
        let length = self.offset - offset + (self.buffer.len() - self.start) as u64;
      `
      : "let length = self.buffer.len() - self.start;"
  }
        if !self.ended || length == 0 {
            return Ok(None);
        }
        let message =
            format!("The stream ended inside a frame: expected {expected}, got {length} bytes");
        Err(ErrorCode::FrameTruncated.at(Some(${
    skips ? "offset" : "self.offset"
  }), message))
    }
  `;
}
