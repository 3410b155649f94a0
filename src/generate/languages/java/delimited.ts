import { code } from "../../code.ts";
import type { DelimitedFraming, Plan } from "../../plan.ts";
import { encodeDelimited } from "./delimited_encoder.ts";
import {
  allDelimiters,
  findDelimiter,
  indexOf,
  type Search,
  searchOf,
} from "./finder.ts";
import { limitsOf } from "./limits.ts";
import { byte, bytes, type FramingPart, type Scope, shown } from "./part.ts";
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
  const limits = limitsOf(limit.maxFrameLength, limit.maxEncodedLength);
  const what = search === "lines" ? "line feed" : "delimiter";
  const constant = {
    byte: `private static final byte DELIMITER = ${byte(first[0]!)};`,
    lines: "",
    one: `private static final byte[] DELIMITER = ${bytes(first)};`,
    several: code`
      ${
      !keepDelimiter &&
      `private static final byte[] DELIMITER = ${bytes(first)};`
    }

      ${allDelimiters(delimiters)}
    `,
  }[search];
  return {
    picture: `content, then ${list}${
      delimiters.length > 1 ? ` (${shown(first)} is written)` : ""
    }${keepDelimiter ? "; the frame includes it" : ""}`,
    constants: code`
      ${limits.constants}

      ${constant}
    `,
    state: code`
      // How many of the unread bytes have no ${what}.
      private int searched;

      ${
      limit.skips && code`
        // Whether the bytes up to the next ${what} are passed over.
        private boolean skipping;
      `
    }
    `,
    read: read(framing, search, limit.skips, scope),
    methods: finders[search],
    reset: "searched = 0;",
    encode: encodeDelimited(framing, search, limits),
    helpers: { byte: "", lines: "", one: indexOf, several: findDelimiter }[
      search
    ],
  };
}

function findByte(name: string, value: string): string {
  return code`
    // Searches the bytes that have not been searched.
    private boolean find${name}() {
        int at = start + searched;
        while (at < end && buffer[at] != ${value}) {
            at++;
        }
        searched = at - start;
        return at < end;
    }
  `;
}

const finders: Readonly<Record<Search, string>> = {
  byte: findByte("Delimiter", "DELIMITER"),
  lines: findByte("LineFeed", "'\\n'"),
  one: code`
    // Searches the bytes that have not been searched.
    private boolean findDelimiter() {
        int at = indexOf(DELIMITER, buffer, start + searched, end);
        boolean found = at + DELIMITER.length <= end;
        searched = (found || !ended ? at : end) - start;
        return found;
    }
  `,
  several: "",
};

/** The statements that search, and declare what they find. */
const findings: Readonly<Record<Search, string>> = {
  byte: "boolean found = findDelimiter();",
  one: "boolean found = findDelimiter();",
  lines: code`
    boolean found = findLineFeed();
    int length = searched;
    if (length > 0 && buffer[start + length - 1] == '\r' && (found || !ended)) {
        length--; // It may be part of the line end.
    }
  `,
  several: code`
    int at = findDelimiter(buffer, start + searched, end, ended);
    searched = at - start;
    int delimiterLength = delimiterLength(buffer, at, end, ended);
    boolean found = delimiterLength > 0;
  `,
};

function read(
  framing: DelimitedFraming,
  search: Search,
  skips: boolean,
  scope: Scope,
): string {
  const { keepDelimiter, skipEmpty, truncated } = framing;
  const length = search === "lines" ? "length" : "searched";
  const delimiterLength = {
    byte: "1",
    lines: "searched + 1 - length",
    one: "DELIMITER.length",
    several: "delimiterLength",
  }[search];
  const whole = search === "lines"
    ? "searched + 1"
    : `${length} + ${delimiterLength}`;
  const loops = skips || skipEmpty;
  // Where the bytes were removed, the length of a line end is not known any more.
  const taking = keepDelimiter ? `return take(${whole});` : code`
      ${search === "lines" && `int lineEndLength = ${delimiterLength};`}
      byte[] frame = take(${length});
      skip(${search === "lines" ? "lineEndLength" : delimiterLength});
      return frame;
    `;
  const end = truncated === "error" ? checkTruncated(skips) : code`
      if (ended && unread() > 0) {
          ${truncated === "emit" ? "return take(unread());" : "skip(unread());"}
      }
      return null;
    `;
  const finding = findings[search];
  const over = `${length} > MAX_FRAME_LENGTH`;
  if (!loops) {
    return code`
      ${scope.begin}
      ${finding}
      if (${over}) {
          ${fail("FRAME_TOO_LARGE", tooLarge())}
      }
      if (found) {
          ${taking}
      }

      ${end}
    `;
  }
  const passesOver = [
    skips ? "skipping" : "",
    skipEmpty ? `${length} == 0` : "",
  ].filter((one) => one !== "").join(" || ");
  return code`
    while (true) {
        ${
    skips
      ? code`
        if (!skipping) {
            frameOffset = offset;
        }
      `
      : scope.begin
  }
        ${finding}
        if (${skips ? `!skipping && ${over}` : over}) {
            ${
    skips
      ? `skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }
        if (!found) {
            ${
    skips && code`
      if (skipping) {
          skip(${length});
      }
    `
  }
            break;
        }
        if (${passesOver}) {
            ${skips && "skipping = false;"}
            skip(${whole});
            continue;
        }

        ${taking}
    }

    ${end}
  `;
}
