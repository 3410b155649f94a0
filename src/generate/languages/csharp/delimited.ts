import { code } from "../../code.ts";
import type { DelimitedFraming, Plan } from "../../plan.ts";
import { encodeDelimited } from "./delimited_encoder.ts";
import { delimiterClass, type Search, searchOf } from "./finder.ts";
import {
  byte,
  type FramingPart,
  MAX_INT,
  maxFrameLength,
  type Scope,
  shown,
} from "./part.ts";
import { checkTruncated, fail, report, tooLarge } from "./refusals.ts";

/** Frames that end with a delimiter. */
export function delimitedPart(
  { limit }: Plan,
  framing: DelimitedFraming,
  scope: Scope,
): FramingPart {
  const { delimiters, keepDelimiter } = framing;
  const search = searchOf(framing);
  const list = delimiters.map(shown).join(" or ");
  const first = delimiters[0]!;
  const constant = search === "byte"
    ? `private const byte Delimiter = ${byte(first[0]!)};`
    : "";
  return {
    picture: `content, then ${list}${
      delimiters.length > 1 ? ` (${shown(first)} is written)` : ""
    }${keepDelimiter ? "; the frame includes it" : ""}`,
    state: code`
      ${maxFrameLength(limit.maxFrameLength, "to decode")}

      ${constant}

      // How many of the unread bytes have no ${
      search === "lines" ? "line feed" : "delimiter"
    }.
      private int _searched;
      ${
      limit.skips && code`

        // Whether the bytes up to the next ${
        search === "lines" ? "line feed" : "delimiter"
      } are passed over.
        private bool _skipping;
      `
    }
    `,
    read: read(framing, search, limit.skips, scope),
    methods: methodOf(search),
    reset: "_searched = 0;",
    encoderState: code`
      ${
      limit.maxEncodedLength < MAX_INT &&
      maxFrameLength(limit.maxEncodedLength, "to encode")
    }

      ${constant}
    `,
    encode: encodeDelimited(framing, search, limit.maxEncodedLength),
    types: search === "class" ? delimiterClass(delimiters) : "",
  };
}

function methodOf(search: Search): string {
  if (search === "class") return "";
  const [name, value] = search === "lines"
    ? ["LineFeed", "(byte)'\\n'"]
    : ["Delimiter", "Delimiter"];
  return code`
    // Searches the bytes that have not been searched.
    private bool Find${name}()
    {
        int found = Array.IndexOf(_buffer, ${value}, _start + _searched, Unread - _searched);
        _searched = (found < 0 ? _end : found) - _start;
        return found >= 0;
    }
  `;
}

/** The statements that search, and declare what they find. */
function find(search: Search): string {
  if (search === "class") {
    return code`
      int found = Delimiter.Find(_buffer, _start + _searched, _end, _ended, out int delimiterLength);
      _searched = found - _start;
    `;
  }
  return search === "byte" ? "bool found = FindDelimiter();" : code`
    bool found = FindLineFeed();
    int length = _searched;
    if (length > 0 && _buffer[_start + length - 1] == '\r' && (found || !_ended))
    {
        length--; // It may be part of the line end.
    }

  `;
}

function read(
  framing: DelimitedFraming,
  search: Search,
  skips: boolean,
  scope: Scope,
): string {
  const { keepDelimiter, skipEmpty, truncated } = framing;
  const length = search === "lines" ? "length" : "_searched";
  const isFound = search === "class" ? "delimiterLength > 0" : "found";
  const isMissing = search === "class" ? "delimiterLength == 0" : "!found";
  const delimiterLength = search === "lines"
    ? "_searched + 1"
    : `${length} + ${search === "byte" ? 1 : "delimiterLength"}`;
  const loops = skips || skipEmpty;
  // Where the bytes were removed, the length of a line end is not known any more.
  const taking = keepDelimiter
    ? `frame = Take(${delimiterLength});`
    : search === "lines"
    ? `int lineEndLength = _searched + 1 - length;\nframe = Take(length);\nSkip(lineEndLength);`
    : `frame = Take(_searched);\nSkip(${
      search === "byte" ? 1 : "delimiterLength"
    });`;
  const end = truncated === "error" ? checkTruncated(skips) : code`
      if (_ended && Unread > 0)
      {
          ${
    truncated === "emit"
      ? "frame = Take(Unread);\nreturn true;"
      : "Skip(Unread);"
  }
      }

      return false;
    `;
  const finding = find(search);
  const over = `${length} > MaxFrameLength`;
  if (!loops) {
    return code`
      ${scope.begin}
      ${finding}
      if (${over})
      {
          ${fail("FRAME_TOO_LARGE", tooLarge())}
      }

      if (${isFound})
      {
          ${taking}
          return true;
      }

      ${end}
    `;
  }
  const passesOver = [
    skips ? "_skipping" : "",
    skipEmpty ? `${length} == 0` : "",
  ].filter((one) => one !== "").join(" || ");
  return code`
    while (true)
    {
        ${
    skips
      ? code`
        if (!_skipping)
        {
            _frameOffset = _offset;
        }

      `
      : scope.begin
  }
        ${finding}
        if (${skips ? `!_skipping && ${over}` : over})
        {
            ${
    skips
      ? `_skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }

        if (${isMissing})
        {
            ${
    skips && code`
      if (_skipping)
      {
          Skip(${length});
      }

    `
  }
            break;
        }

        if (${passesOver})
        {
            ${skips && "_skipping = false;"}
            Skip(${delimiterLength});
            continue;
        }

        ${taking}
        return true;
    }

    ${end}
  `;
}
