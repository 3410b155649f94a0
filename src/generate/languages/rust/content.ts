import { code } from "../../code.ts";
import type { Plan } from "../../plan.ts";
import { sumName } from "./checksum.ts";
import { jsonCode } from "./json.ts";

/** Whether frames are handed out with their headers. */
function hasHeaders({ framing }: Plan): boolean {
  return framing.kind === "content-length" && framing.headers;
}

/** The type of frames. */
export function frameType(plan: Plan): string {
  if (hasHeaders(plan)) {
    return code`
      /// A frame.
      #[derive(Clone, Debug, Default, PartialEq, Eq)]
      pub struct Frame {
          /// The names and values of the headers. The decoder gives names in lower case.
          pub headers: Vec<(String, String)>,
          pub body: Vec<u8>,
      }

      impl Frame {
          /// The value of a header; upper and lower case are the same in its name.
          pub fn header(&self, name: &str) -> Option<&str> {
              let mut headers = self.headers.iter();
              let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
              found.map(|(_, value)| value.as_str())
          }
      }
    `;
  }
  switch (plan.content.kind) {
    case "bytes":
      return "/// A frame: its bytes.\npub type Frame = Vec<u8>;";
    case "text":
      return "/// A frame: its text.\npub type Frame = String;";
    case "json":
      return "/// A frame: the text of a JSON value, which has been checked.\npub type Frame = String;";
  }
}

/** The type of what is encoded. */
export function frameParameter(plan: Plan): string {
  if (hasHeaders(plan)) return "&Frame";
  return plan.content.kind === "bytes" ? "&[u8]" : "&str";
}

/** The method that reads what is in the frames. */
export function readViews({ checksums, content }: Plan): string {
  const steps = checksums.map((checksum) =>
    step("bytes", `check_${sumName(checksum)}(offset, bytes)`, checksum)
  );
  let skips = checksums.some(({ skipsInvalid }) => skipsInvalid);
  let last = "Ok(Some(bytes))";
  if (content.kind === "text" && !content.fatal) {
    if (steps.length === 0) {
      return code`
        fn read(&mut self) -> Result<Option<Frame>, FrameError> {
            Ok(self.read_bytes()?.map(text_of))
        }
      `;
    }
    last = "Ok(Some(text_of(bytes)))";
  } else if (content.kind !== "bytes") {
    const made = `${content.kind}_of(offset, bytes)`;
    skips ||= content.skipsInvalid;
    if (content.skipsInvalid) {
      steps.push(step("frame", made, content));
      last = "Ok(Some(frame))";
    } else last = `${made}.map(Some)`;
  }
  const some = "Some((offset, bytes))";
  if (!skips && steps.length === 0) {
    return code`
      fn read(&mut self) -> Result<Option<Frame>, FrameError> {
          match self.read_bytes()? {
              ${some} => ${last},
              None => Ok(None),
          }
      }
    `;
  }
  return code`
    fn read(&mut self) -> Result<Option<Frame>, FrameError> {
        ${skips ? "while" : "if"} let ${some} = self.read_bytes()? {
            ${steps.join("\n")}
            return ${last};
        }
        Ok(None)
    }
  `;
}

/** What makes one thing of another, or passes the frame over. */
function step(
  name: string,
  made: string,
  { skipsInvalid }: { skipsInvalid: boolean },
): string {
  return skipsInvalid
    ? code`
      let ${name} = match ${made} {
          Ok(${name}) => ${name},
          Err(error) => {
              self.report(error);
              continue;
          }
      };
    `
    : `let ${name} = ${made}?;`;
}

/**
 * What makes a frame to be framed of what is given.
 *
 * @param hasOwnSum Whether the framing writes the outermost checksum.
 */
export function encodeContent(
  { checksums, content }: Plan,
  hasOwnSum: boolean,
): string {
  const sums = checksums.slice(hasOwnSum ? 1 : 0).reverse();
  return code`
    ${
    content.kind === "json" && code`
      if let Err(got) = check_json(frame) {
          return Err(not_json(None, got));
      }
    `
  }
    ${content.kind !== "bytes" && "let frame = frame.as_bytes();"}
    ${
    sums.map((checksum) =>
      `let summed = [frame, &${
        sumName(checksum)
      }(frame)].concat();\nlet frame = summed.as_slice();`
    ).join("\n")
  }
  `;
}

/** The functions of the content. */
export function contentCode({ content }: Plan): string {
  if (content.kind === "bytes") return "";
  if (content.kind === "json") return jsonCode;
  return content.fatal
    ? code`
      fn text_of(offset: u64, bytes: Vec<u8>) -> Result<String, FrameError> {
          String::from_utf8(bytes).map_err(|_| {
              let message = "The frame is not valid text: expected UTF-8, got other bytes";
              ErrorCode::TextInvalid.at(Some(offset), message.to_string())
          })
      }
    `
    : code`
      /// The text of bytes; what is not UTF-8 becomes U+FFFD.
      fn text_of(bytes: Vec<u8>) -> String {
          String::from_utf8(bytes)
              .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
      }
    `;
}
