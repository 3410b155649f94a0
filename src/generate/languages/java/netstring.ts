import { code } from "../../code.ts";
import type { NetstringFraming, Plan } from "../../plan.ts";
import { readHeaded, skipState } from "./headed.ts";
import { limitsOf } from "./limits.ts";
import type { FramingPart, Scope } from "./part.ts";
import { fail } from "./refusals.ts";

/** Netstrings. */
export function netstringPart(
  { limit }: Plan,
  { maxDigits }: NetstringFraming,
  scope: Scope,
): FramingPart {
  const type = maxDigits < 10 ? "int" : "long";
  const canExceed = 10 ** maxDigits - 1 > limit.maxFrameLength;
  const limits = limitsOf(limit.maxFrameLength, limit.maxEncodedLength);
  return {
    picture: 'length (decimal digits), ":", content, ","',
    constants: code`
      ${limits.constants}

      private static final int MAX_DIGITS = ${maxDigits};
    `,
    state: skipState({ limit, canExceed }),
    read: readHeaded({
      scope,
      limit,
      canExceed,
      find: "int headerLength = findLength();",
      header: { isThere: "headerLength > 0", isMissing: "headerLength == 0" },
      parse: `${type} length = readLength(headerLength);`,
      lengthType: type,
      before: "headerLength",
      checkTrailer: (index) => `checkTerminator(buffer[start + ${index}]);`,
    }),
    methods: code`
      // Returns how many bytes the length has with its colon; 0 if it has not arrived completely.
      private int findLength() throws FrameException {
          for (int i = 0; i < unread(); i++) {
              byte next = buffer[start + i];
              if (next == ':' && i > 0) {
                  return i + 1;
              }
              boolean isZeroBefore = i == 1 && buffer[start] == '0';
              if (next < '0' || next > '9' || isZeroBefore) {
                  ${
      fail(
        "LENGTH_INVALID",
        'The length is not written as it must be: expected decimal digits without leading zeros, and a colon, got 0x{String.format("%02x", next)} at byte {i}',
      )
    }
              }
              if (i == MAX_DIGITS) {
                  ${
      fail(
        "FRAME_TOO_LARGE",
        "The frame is too large: expected at most {MAX_FRAME_LENGTH} bytes, got more",
      )
    }
              }
          }
          return 0;
      }

      private ${type} readLength(int headerLength) {
          ${type} length = 0;
          for (int i = 0; i < headerLength - 1; i++) {
              length = 10 * length + buffer[start + i] - '0';
          }
          return length;
      }

      private void checkTerminator(byte terminator) throws FrameException {
          if (terminator != ',') {
              ${
      fail(
        "MARK_INVALID",
        'The terminator is wrong: expected the byte 0x2c, got 0x{String.format("%02x", terminator)}',
      )
    }
          }
      }
    `,
    encode: code`
      ${limits.checkEncoded()}

      byte[] header = (frame.length + ":").getBytes(US_ASCII);
      byte[] bytes = Arrays.copyOf(header, header.length + frame.length + 1);
      System.arraycopy(frame, 0, bytes, header.length, frame.length);
      bytes[bytes.length - 1] = ',';
      return bytes;
    `,
    imports: ["static java.nio.charset.StandardCharsets.US_ASCII"],
  };
}
