import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import type { Search } from "./finder.ts";
import { MAX_INT } from "./part.ts";
import { checkEncoded, refuse, tooLarge } from "./refusals.ts";

/** The statements that encode a frame of a format with a delimiter. */
export function encodeDelimited(
  framing: DelimitedFraming,
  search: Search,
  maxEncodedLength: number,
): string {
  const { skipEmpty, keepDelimiter } = framing;
  return code`
    ${
    skipEmpty && code`
      if (frame.Length == 0)
      {
          ${refuseEmpty}
      }
    `
  }

    ${
    keepDelimiter
      ? encodeKept(skipEmpty, maxEncodedLength)
      : `${checkEncoded(maxEncodedLength)}\n\n${
        search === "class" ? encodeSearched : encodeSimple(search)
      }`
  }
  `;
}

const refuseEmpty = refuse(
  "LENGTH_INVALID",
  '"The frame is empty, and its decoder leaves empty frames out: expected 1 byte or more, got 0 bytes"',
);

function refuseDelimiter(at: string): string {
  return refuse(
    "DELIMITER_IN_FRAME",
    `$"The frame contains a delimiter: expected no delimiter before the end, got one at byte {${at}}"`,
  );
}

function encodeSimple(search: Search): string {
  const delimiter = search === "lines" ? "(byte)'\\n'" : "Delimiter";
  return code`
    int found = Array.IndexOf(frame, ${delimiter});
    ${
    search === "lines" && code`
      if (found < 0 && frame.Length > 0 && frame[frame.Length - 1] == '\r')
      {
          found = frame.Length - 1; // It would become part of the line end.
      }

    `
  }
    if (found >= 0)
    {
        ${refuseDelimiter("found")}
    }

    var bytes = new byte[frame.Length + 1];
    frame.CopyTo(bytes, 0);
    bytes[frame.Length] = ${delimiter};
    return bytes;
  `;
}

const encodeSearched = code`
  var bytes = new byte[frame.Length + Delimiter.Written.Length];
  frame.CopyTo(bytes, 0);
  Delimiter.Written.CopyTo(bytes, frame.Length);

  // What a decoder would find. The next frame could complete a longer delimiter.
  int found = Delimiter.Find(bytes, 0, bytes.Length, false, out int length);
  if (found != frame.Length || length != Delimiter.Written.Length)
  {
      ${refuseDelimiter("found")}
  }

  return bytes;
`;

function encodeKept(skipEmpty: boolean, maxEncodedLength: number): string {
  return code`
    int found = Delimiter.Find(frame, 0, frame.Length, false, out int length);
    bool isLast = length > 0 && found + length == frame.Length;
    ${
    skipEmpty && code`
      if (isLast && found == 0)
      {
          ${refuseEmpty}
      }

    `
  }
    ${
    maxEncodedLength < MAX_INT && code`
      if (found > MaxFrameLength)
      {
          ${refuse("FRAME_TOO_LARGE", tooLarge("found"))}
      }

    `
  }
    if (!isLast)
    {
        ${
    refuse(
      "DELIMITER_IN_FRAME",
      '"The frame does not end with its only delimiter: expected one delimiter, at the end, got another"',
    )
  }
    }

    return (byte[])frame.Clone();
  `;
}
