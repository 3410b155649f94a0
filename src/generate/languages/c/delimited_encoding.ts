import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import { refuses, tooLargeToEncode } from "./errors.ts";
import { stringOf } from "./find.ts";
import type { Encoding } from "./framing_code.ts";
import { bodyLength, checksLimit, encodedLimit } from "./limits.ts";
import { byteConstant, type Target } from "./target.ts";

/** How the delimiter is searched. */
export type Search = "byte" | "line end" | "any";

/** How frames are written that end with a delimiter. */
export function delimitedEncoding(
  target: Target,
  framing: DelimitedFraming,
  search: Search,
): Encoding {
  const { keepDelimiter, skipEmpty, delimiters } = framing;
  const body = bodyLength(target);
  const empty = refuses(target, {
    code: "LENGTH_INVALID",
    text:
      "The frame is empty, and its decoder leaves empty frames out: expected 1 byte or more, got 0 bytes",
  });
  const checksEmpty = skipEmpty && body === "length" && code`
    if (${body} == 0) {
        ${empty}
    }
  `;
  if (keepDelimiter) {
    return {
      checks: code`
        ${checksEmpty}
        ${
        !skipEmpty && body === "length" && code`
          if (${body} == 0) {
              ${notKept(target)}
          }
        `
      }
      `,
      before: "0",
      behind: "0",
      tail: keptTail(target, framing, empty),
    };
  }
  const delimiter = delimiters[0]!;
  return {
    checks: code`
      ${checksEmpty}
      ${checksLimit(target)}
    `,
    before: "0",
    behind: `${delimiter.length}`,
    tail: code`
      ${
      delimiter.length === 1
        ? `at[${body}] = ${byteConstant(delimiter[0]!)};`
        : `memcpy(at + ${body}, ${stringOf(delimiter)}, ${delimiter.length});`
    }
      ${search === "any" && "size_t found = 0;"}

      if (${containsDelimiter(target, delimiter, search)}) {
          ${
      refuses(target, {
        code: "DELIMITER_IN_FRAME",
        text:
          "The frame contains a delimiter: expected no delimiter before the end, got one",
      })
    }
      }
    `,
  };
}

function containsDelimiter(
  target: Target,
  delimiter: Uint8Array,
  search: Search,
): string {
  const body = bodyLength(target);
  switch (search) {
    case "byte":
      return `memchr(at, ${byteConstant(delimiter[0]!)}, ${body}) != NULL`;
    case "line end":
      return code`
        memchr(at, '\n', ${body}) != NULL ||
            (${body} > 0 && at[${body} - 1] == '\r')
      `;
    case "any": {
      const { length } = delimiter;
      const find = `${target.p}_find_(at, ${body} + ${length}, false, &found)`;
      return code`
        ${find} != ${length} ||
            found != ${body}
      `;
    }
  }
}

function notKept(target: Target): string {
  return refuses(target, {
    code: "DELIMITER_IN_FRAME",
    text:
      "The frame does not end with its only delimiter: expected one delimiter, at the end, got another frame",
  });
}

/** Statements that check a frame that includes its delimiter. */
function keptTail(
  target: Target,
  { skipEmpty }: DelimitedFraming,
  empty: string,
): string {
  const { p } = target;
  const body = bodyLength(target);
  const most = encodedLimit(target);
  return code`
    size_t end = 0;
    const size_t delimiter = ${p}_find_(at, ${body}, false, &end);
    const bool is_last = delimiter > 0 && end + delimiter == ${body};

    ${
    skipEmpty && code`
      if (is_last && end == 0) {
          ${empty}
      }
    `
  }
    if (end > ${most}) {
        ${refuses(target, tooLargeToEncode(target, "end"))}
    }
    if (!is_last) {
        ${notKept(target)}
    }
  `;
}
