import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import type { Limits } from "./limits.ts";
import { refuse } from "./refusals.ts";

/** The longest header that has nothing but a length. */
const LONGEST_PLAIN = "Content-Length: 2147483647\r\n\r\n".length;

/** The statements that encode a frame with headers, one of which is its length. */
export function encodeContentLength(
  { headers, maxHeaderLength }: ContentLengthFraming,
  limits: Limits,
): string {
  const checksHeader = headers || maxHeaderLength < LONGEST_PLAIN;
  const body = headers ? "body" : "frame";
  return code`
    ${headers && "byte[] body = frame.body();"}
    ${limits.checkEncoded(`${body}.length`)}

    ${headers ? writeHeaders : plainHeader}
    ${
    checksHeader && code`
      if (header.length > MAX_HEADER_LENGTH) {
          ${
      refuse(
        "FRAME_TOO_LARGE",
        "The header is too large: expected at most {MAX_HEADER_LENGTH} bytes, got {header.length} bytes",
      )
    }
      }
    `
  }
    byte[] bytes = Arrays.copyOf(header, header.length + ${body}.length);
    System.arraycopy(${body}, 0, bytes, header.length, ${body}.length);
    return bytes;
  `;
}

const plainHeader = code`
  String text = "Content-Length: " + frame.length + "\r\n\r\n";
  byte[] header = text.getBytes(US_ASCII);
`;

const writeHeaders = code`
  StringBuilder text = new StringBuilder("Content-Length: " + body.length + "\r\n");
  for (Map.Entry<String, String> one : frame.headers().entrySet()) {
      String name = one.getKey();
      String value = one.getValue();
      if (name.equalsIgnoreCase("Content-Length")) {
          continue;
      }
      if (!HEADER_NAME.matcher(name).matches() || !HEADER_TEXT.matcher(value).matches()) {
          ${
  refuse(
    "HEADER_INVALID",
    "The header cannot be written: expected a name and a value in ASCII, without line ends, got {name}",
  )
}
      }
      text.append(name).append(": ").append(value).append("\r\n");
  }
  byte[] header = text.append("\r\n").toString().getBytes(US_ASCII);
`;

/** The class of frames with headers. */
export const frameClass: string = code`
  /** A body and its headers. */
  public static final class Frame {
      private final byte[] body;
      private final Map<String, String> headers;

      /**
       * Creates a frame without headers of its own.
       *
       * @param body the body
       */
      public Frame(byte[] body) {
          this(body, Collections.emptyMap());
      }

      /**
       * Creates a frame.
       *
       * @param body the body
       * @param headers the headers; the encoder writes a length of its own
       */
      public Frame(byte[] body, Map<String, String> headers) {
          this.body = body;
          this.headers = Collections.unmodifiableMap(headers);
      }

      /**
       * Returns the body.
       *
       * @return the body, which is not copied
       */
      public byte[] body() {
          return body;
      }

      /**
       * Returns the headers. Those that were decoded have names in lower case; values of the same
       * name are joined with a comma.
       *
       * @return the values by their names
       */
      public Map<String, String> headers() {
          return headers;
      }
  }
`;
