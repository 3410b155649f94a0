import { code } from "../../code.ts";
import type { ContentLengthFraming, Plan } from "../../plan.ts";
import { encodeContentLength, headerTypes } from "./content_length_encoder.ts";
import { readHeaded, skipState } from "./headed.ts";
import { type FramingPart, maxFrameLength, type Scope } from "./part.ts";
import { fail } from "./refusals.ts";

/** Frames with headers, one of which is their length. */
export function contentLengthPart(
  { limit }: Plan,
  framing: ContentLengthFraming,
  scope: Scope,
): FramingPart {
  const { headers, maxHeaderLength } = framing;
  const canExceed = true;
  return {
    picture:
      'headers, one of them "Content-Length: ...", each with "\\r\\n", then "\\r\\n", body',
    state: code`
      ${maxFrameLength(limit.maxFrameLength, "to decode")}

      /// <summary>The maximum length of a header, in bytes.</summary>
      public const int MaxHeaderLength = ${maxHeaderLength};

      // How many of the unread bytes have no line feed that has not been read.
      private int _searched;

      // How many of them are lines of the header that have been read.
      private int _lines;
      private bool _hasHeader;

      // What the header says to be the length of the body; -1 if it does not.
      private long _length = -1;
      ${headers && "private Dictionary<string, string> _headers;"}

      ${skipState({ limit, canExceed })}
    `,
    read: readHeaded({
      scope,
      limit,
      canExceed,
      header: { isThere: "TryReadHeader()", isMissing: "!TryReadHeader()" },
      parse: code`
        int headerLength = _lines;
        long length = _length;
        ${headers && "Dictionary<string, string> headers = _headers;"}
      `,
      lengthType: "long",
      before: "headerLength",
      ...(headers && {
        take: (length) => `frame = new Frame(Take(${length}), headers);`,
      }),
    }),
    methods: methods(headers),
    reset: code`
      _searched = 0;
      _lines = 0;
      _hasHeader = false;
      _length = -1;
      ${headers && "_headers = null;"}
    `,
    ...encodeContentLength(framing, limit.maxEncodedLength),
    types: headerTypes(headers),
    usings: [
      ...(headers ? ["System.Collections.Generic"] : []),
      "System.Text",
      "System.Text.RegularExpressions",
    ],
  };
}

function methods(headers: boolean): string {
  return code`
    // Reads the lines of the header that have arrived.
    private bool TryReadHeader()
    {
        while (!_hasHeader)
        {
            int lineFeed = Array.IndexOf(_buffer, (byte)'\n', _start + _searched, Unread - _searched);
            _searched = (lineFeed < 0 ? _end : lineFeed) - _start;
            if (_searched >= MaxHeaderLength)
            {
                ${
    fail(
      "FRAME_TOO_LARGE",
      '$"The header is too large: expected at most {MaxHeaderLength} bytes, got more"',
    )
  }
            }

            if (lineFeed < 0)
            {
                return false;
            }

            ReadLine(_start + _lines, lineFeed - 1);
            _searched++;
            _lines = _searched;
        }

        return true;
    }

    private void ReadLine(int from, int end)
    {
        if (end < from || _buffer[end] != '\r')
        {
            ${
    fail(
      "HEADER_INVALID",
      '"The header has a line with a wrong end: expected a carriage return and a line feed, got a line feed alone"',
    )
  }
        }

        if (end == from)
        {
            if (_length < 0)
            {
                ${
    fail(
      "LENGTH_INVALID",
      '"The header does not say how long the body is: expected Content-Length, got none"',
    )
  }
            }

            _hasHeader = true;
            return;
        }

        string line = Encoding.UTF8.GetString(_buffer, from, end - from);
        int colon = line.IndexOf(':');
        string name = line.Substring(0, Math.Max(colon, 0)).ToLowerInvariant();
        if (!Header.Name.IsMatch(name) || !Header.Text.IsMatch(line))
        {
            ${
    fail(
      "HEADER_INVALID",
      '"The header has a line that is not what it must be: expected a name, a colon and a value in ASCII, got another"',
    )
  }
        }

        string value = line.Substring(colon + 1).Trim(' ', '\t');
        ${
    headers ? addHeader : code`
      if (name == "content-length")
      {
          ReadLength(value);
      }
    `
  }
    }

    private void ReadLength(string value)
    {
        if (_length >= 0)
        {
            ${
    fail(
      "HEADER_INVALID",
      '"The header has more than one length: expected one Content-Length, got another"',
    )
  }
        }

        if (!Header.Digits.IsMatch(value))
        {
            ${
    fail(
      "LENGTH_INVALID",
      '$"The length is not a number: expected decimal digits, got {value}"',
    )
  }
        }

        _length = 0;
        foreach (char digit in value)
        {
            // It does not matter by how much a length is over the limit.
            _length = Math.Min(10 * _length + digit - '0', 1L << 59);
        }
    }
  `;
}

const addHeader = code`
  if (name == "content-length")
  {
      ReadLength(value);
  }

  _headers = _headers ?? new Dictionary<string, string>();
  _headers[name] = _headers.TryGetValue(name, out string before) ? $"{before}, {value}" : value;
`;
