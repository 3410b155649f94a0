import { code } from "../../code.ts";
import type { NetstringFraming, Plan } from "../../plan.ts";
import { readHeaded, skipState } from "./headed.ts";
import {
  type FramingPart,
  MAX_INT,
  maxFrameLength,
  type Scope,
} from "./part.ts";
import { checkEncoded, fail } from "./refusals.ts";

/** Netstrings. */
export function netstringPart(
  { limit }: Plan,
  { maxDigits }: NetstringFraming,
  scope: Scope,
): FramingPart {
  const isInt = maxDigits < 10;
  const type = isInt ? "int" : "long";
  const canExceed = 10 ** maxDigits - 1 > limit.maxFrameLength;
  return {
    picture: 'length (decimal digits), ":", content, ","',
    state: code`
      ${maxFrameLength(limit.maxFrameLength, "to decode")}

      private const int MaxDigits = ${maxDigits};

      ${skipState({ limit, canExceed })}
    `,
    read: readHeaded({
      scope,
      limit,
      canExceed,
      header: {
        isThere: `TryReadLength(out int headerLength, out ${type} length)`,
        isMissing: `!TryReadLength(out int headerLength, out ${type} length)`,
      },
      lengthType: type,
      before: "headerLength",
      checkTrailer: (index) => `CheckTerminator(_start + ${index});`,
    }),
    methods: code`
      // Reads the length at the beginning of a frame; false if it has not arrived completely.
      private bool TryReadLength(out int headerLength, out ${type} length)
      {
          length = 0;
          for (headerLength = 1; headerLength <= Unread; headerLength++)
          {
              byte next = _buffer[_start + headerLength - 1];
              if (next == ':' && headerLength > 1)
              {
                  return true;
              }

              if (next < '0' || next > '9' || (headerLength == 2 && length == 0))
              {
                  ${
      fail(
        "LENGTH_INVALID",
        `"The length is not written as it must be: " +
    $"expected decimal digits without leading zeros, and a colon, got 0x{next:x2} at byte {headerLength - 1}"`,
      )
    }
              }

              if (headerLength > MaxDigits)
              {
                  ${
      fail(
        "FRAME_TOO_LARGE",
        '$"The frame is too large: expected at most {MaxFrameLength} bytes, got more"',
      )
    }
              }

              length = 10 * length + next - '0';
          }

          return false;
      }

      private void CheckTerminator(int index)
      {
          if (_buffer[index] != ',')
          {
              ${
      fail(
        "MARK_INVALID",
        '$"The terminator is wrong: expected the byte 0x2c, got 0x{_buffer[index]:x2}"',
      )
    }
          }
      }
    `,
    encoderState: limit.maxEncodedLength >= MAX_INT
      ? ""
      : maxFrameLength(limit.maxEncodedLength, "to encode"),
    encode: code`
      ${checkEncoded(limit.maxEncodedLength)}

      byte[] header = Encoding.ASCII.GetBytes($"{frame.Length}:");
      var bytes = new byte[header.Length + frame.Length + 1];
      header.CopyTo(bytes, 0);
      frame.CopyTo(bytes, header.Length);
      bytes[bytes.Length - 1] = (byte)',';
      return bytes;
    `,
    usings: ["System.Text"],
  };
}
