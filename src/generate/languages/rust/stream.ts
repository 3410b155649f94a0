import { code } from "../../code.ts";
import type { Setting } from "./framing.ts";
import { frameParameter } from "./content.ts";

/** What reads frames from a stream and writes them. */
export function streamCode(setting: Setting): string {
  return code`
    /// Reads frames from a stream, such as a \`TcpStream\`.
    ${!setting.reports && "#[derive(Debug)]"}
    pub struct FrameReader<R> {
        stream: R,
        decoder: Decoder,
    }

    impl<R: Read> FrameReader<R> {
        /// Makes a reader of a stream that begins with a frame.
        pub fn new(stream: R) -> Self {
            ${
    setting.reports ? "Self::with_decoder(stream, Decoder::new())" : code`
        let decoder = Decoder::new();
        Self { stream, decoder }
      `
  }
        }

        ${
    setting.reports && code`
        /// Makes a reader that uses a decoder, such as one with \`on_skip\`.
        pub fn with_decoder(stream: R, decoder: Decoder) -> Self {
            Self { stream, decoder }
        }
      `
  }

        /// Waits for the next frame; \`None\` at the end of the stream.
        pub fn read_frame(&mut self) -> io::Result<Option<Frame>> {
            loop {
                if let Some(frame) = self.decoder.next_frame()? {
                    return Ok(Some(frame));
                }
                if self.decoder.ended {
                    return Ok(None);
                }
                let mut chunk = [0; 8192];
                match self.stream.read(&mut chunk) {
                    Ok(0) => self.decoder.end(),
                    Ok(count) => self.decoder.push(&chunk[..count]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }

        /// The stream, to write to.
        pub fn get_mut(&mut self) -> &mut R {
            &mut self.stream
        }

        /// The stream, and the bytes that were read from it and are in no frame so far.
        pub fn into_parts(self) -> (R, Vec<u8>) {
            (self.stream, self.decoder.into_unread())
        }
    }

    /// The frames up to the end of the stream, or up to the first that is not valid.
    impl<R: Read> Iterator for FrameReader<R> {
        type Item = io::Result<Frame>;

        fn next(&mut self) -> Option<Self::Item> {
            if self.decoder.failure.is_some() {
                return None;
            }
            self.read_frame().transpose()
        }
    }

    /// Writes a frame to a stream, or nothing if the frame is refused.
    pub fn write_frame<W: Write>(mut stream: W, frame: ${
    frameParameter(setting.plan)
  }) -> io::Result<()> {
        stream.write_all(&encode(frame)?)
    }
  `.replaceAll("\\`", "`");
}
