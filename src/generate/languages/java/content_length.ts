import { code } from "../../code.ts";
import type { ContentLengthFraming, Plan } from "../../plan.ts";
import { encodeContentLength, frameClass } from "./content_length_encoder.ts";
import { readHeaded, skipState } from "./headed.ts";
import { limitsOf } from "./limits.ts";
import type { FramingPart, Scope } from "./part.ts";
import { fail } from "./refusals.ts";

/** Frames with headers, one of which is their length. */
export function contentLengthPart(
  { limit }: Plan,
  framing: ContentLengthFraming,
  scope: Scope,
): FramingPart {
  const { headers, maxHeaderLength } = framing;
  const canExceed = true;
  const limits = limitsOf(limit.maxFrameLength, limit.maxEncodedLength);
  return {
    picture:
      'headers, one of them "Content-Length: ...", each with "\\r\\n", then "\\r\\n", body',
    constants: code`
      ${limits.constants}

      /** The maximum length of a header, in bytes. */
      public static final int MAX_HEADER_LENGTH = ${maxHeaderLength};

      // A field name as in HTTP (RFC 9110, 5.6.2).
      private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_${"`"}|~0-9A-Za-z-]+");
      private static final Pattern HEADER_TEXT = Pattern.compile("[\\t -~]*");
      private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    `,
    state: code`
      // How many of the unread bytes have no line feed that has not been read.
      private int searched;

      // How many of them are lines of the header that have been read.
      private int headerLength;
      private boolean hasHeader;

      // What the header says to be the length of the body; -1 if it does not.
      private long bodyLength = -1;
      ${headers && "private Map<String, String> headers;"}

      ${skipState({ limit, canExceed })}
    `,
    read: readHeaded({
      scope,
      limit,
      canExceed,
      header: { isThere: "readHeader()", isMissing: "!readHeader()" },
      parse: code`
        long length = bodyLength;
        ${headers && "Map<String, String> frameHeaders = headers;"}
      `,
      lengthType: "long",
      before: "headerLength",
      ...(headers && {
        take: (length) => `return new Frame(take(${length}), frameHeaders);`,
      }),
    }),
    methods: methods(headers),
    reset: code`
      searched = 0;
      headerLength = 0;
      hasHeader = false;
      bodyLength = -1;
      ${headers && "headers = null;"}
    `,
    encode: encodeContentLength(framing, limits),
    types: headers ? frameClass : "",
    imports: [
      ...(headers
        ? ["java.util.Collections", "java.util.LinkedHashMap", "java.util.Map"]
        : []),
      "static java.nio.charset.StandardCharsets.US_ASCII",
      "java.util.Locale",
      "java.util.regex.Pattern",
    ],
  };
}

function methods(headers: boolean): string {
  return code`
    // Reads the lines of the header that have arrived; false if it is not complete.
    private boolean readHeader() throws FrameException {
        while (!hasHeader) {
            int at = start + searched;
            while (at < end && buffer[at] != '\n') {
                at++;
            }
            searched = at - start;
            if (searched >= MAX_HEADER_LENGTH) {
                ${
    fail(
      "FRAME_TOO_LARGE",
      "The header is too large: expected at most {MAX_HEADER_LENGTH} bytes, got more",
    )
  }
            }
            if (at == end) {
                return false;
            }
            readLine(start + headerLength, at - 1);
            searched++;
            headerLength = searched;
        }
        return true;
    }

    private void readLine(int from, int to) throws FrameException {
        if (to < from || buffer[to] != '\r') {
            ${
    fail(
      "HEADER_INVALID",
      "The header has a line with a wrong end: expected a carriage return and a line feed, got a line feed alone",
    )
  }
        }
        if (to == from) {
            if (bodyLength < 0) {
                ${
    fail(
      "LENGTH_INVALID",
      "The header does not say how long the body is: expected Content-Length, got none",
    )
  }
            }
            hasHeader = true;
            return;
        }

        String line = new String(buffer, from, to - from, US_ASCII);
        int colon = line.indexOf(':');
        String name = line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
        if (!HEADER_NAME.matcher(name).matches() || !HEADER_TEXT.matcher(line).matches()) {
            ${
    fail(
      "HEADER_INVALID",
      "The header has a line that is not what it must be: expected a name, a colon and a value in ASCII, got another",
    )
  }
        }
        String value = line.substring(colon + 1).trim();
        if (name.equals("content-length")) {
            readLength(value);
        }
        ${
    headers && code`
      if (headers == null) {
          headers = new LinkedHashMap<>();
      }
      headers.merge(name, value, (before, next) -> before + ", " + next);
    `
  }
    }

    private void readLength(String value) throws FrameException {
        if (bodyLength >= 0) {
            ${
    fail(
      "HEADER_INVALID",
      "The header has more than one length: expected one Content-Length, got another",
    )
  }
        }
        if (!DIGITS.matcher(value).matches()) {
            ${
    fail(
      "LENGTH_INVALID",
      "The length is not a number: expected decimal digits, got {value}",
    )
  }
        }
        bodyLength = 0;
        for (int i = 0; i < value.length(); i++) {
            // It does not matter by how much a length is over the limit.
            bodyLength = Math.min(10 * bodyLength + value.charAt(i) - '0', 1L << 59);
        }
    }
  `;
}
