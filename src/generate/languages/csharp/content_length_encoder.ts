import { code } from "../../code.ts";
import type { ContentLengthFraming } from "../../plan.ts";
import { type FramingPart, MAX_INT, maxFrameLength } from "./part.ts";
import { checkEncoded, refuse } from "./refusals.ts";

/** The longest header that has nothing but a length. */
const LONGEST_PLAIN = "Content-Length: 2147483647\r\n\r\n".length;

/** The encoder of frames with headers, one of which is their length. */
export function encodeContentLength(
  { headers, maxHeaderLength }: ContentLengthFraming,
  maxEncodedLength: number,
): Pick<FramingPart, "encode" | "encoderState"> {
  const checksHeader = headers || maxHeaderLength < LONGEST_PLAIN;
  const checkHeader = checksHeader && code`
    if (header.Length > MaxHeaderLength)
    {
        ${
    refuse(
      "FRAME_TOO_LARGE",
      '$"The header is too large: expected at most {MaxHeaderLength} bytes, got {header.Length} bytes"',
    )
  }
    }

  `;
  const encoderState = code`
    ${
    maxEncodedLength < MAX_INT && maxFrameLength(maxEncodedLength, "to encode")
  }

    ${
    checksHeader &&
    `private const int MaxHeaderLength = ${maxHeaderLength};`
  }
  `;
  if (!headers) {
    return {
      encoderState,
      encode: code`
        ${checkEncoded(maxEncodedLength)}

        byte[] header = Encoding.ASCII.GetBytes($"Content-Length: {frame.Length}\r\n\r\n");
        ${checkHeader}
        var bytes = new byte[header.Length + frame.Length];
        header.CopyTo(bytes, 0);
        frame.CopyTo(bytes, header.Length);
        return bytes;
      `,
    };
  }
  return {
    encoderState,
    encode: code`
      ${
      checkEncoded(maxEncodedLength).replaceAll(
        "frame.Length",
        "frame.Body.Length",
      )
    }

      var text = new StringBuilder($"Content-Length: {frame.Body.Length}\r\n");
      foreach (KeyValuePair<string, string> header in frame.Headers)
      {
          if (header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
          {
              continue;
          }

          if (!Header.Name.IsMatch(header.Key) || !Header.Text.IsMatch(header.Value))
          {
              ${
      refuse(
        "HEADER_INVALID",
        '$"The header cannot be written: expected a name and a value in ASCII, without line ends, got {header.Key}"',
      )
    }
          }

          text.Append(header.Key).Append(": ").Append(header.Value).Append("\r\n");
      }

      byte[] lines = Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
      ${checkHeader && checkHeader.replaceAll("header.Length", "lines.Length")}
      var bytes = new byte[lines.Length + frame.Body.Length];
      lines.CopyTo(bytes, 0);
      frame.Body.CopyTo(bytes, lines.Length);
      return bytes;
    `,
  };
}

/** What headers are made of, and the type of frames with them. */
export function headerTypes(headers: boolean): string {
  return code`
    ${
    headers && code`
      /// <summary>A body and its headers.</summary>
      public sealed class Frame
      {
          public Frame(byte[] body, IReadOnlyDictionary<string, string> headers = null)
          {
              Body = body ?? throw new ArgumentNullException(nameof(body));
              Headers = headers ?? new Dictionary<string, string>();
          }

          /// <summary>
          /// Gets the headers. Those that were decoded have names in lower case; values of the same
          /// name are joined with a comma. The encoder writes a length of its own.
          /// </summary>
          public IReadOnlyDictionary<string, string> Headers { get; }

          public byte[] Body { get; }
      }

    `
  }
    internal static class Header
    {
        // A field name as in HTTP (RFC 9110, 5.6.2).
        public static readonly Regex Name = new Regex(@"\A[!#$%&'*+.^_${"`"}|~0-9A-Za-z-]+\z");

        public static readonly Regex Text = new Regex(@"\A[\t -~]*\z");

        public static readonly Regex Digits = new Regex(@"\A[0-9]+\z");
    }
  `;
}
