import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { refuses } from "./errors.ts";
import { stringOf } from "./find.ts";
import type { Encoding } from "./framing_code.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import { byteConstant, sumLength, type Target } from "./target.ts";

/** How frames are written between marks. */
export function markedEncoding(
  target: Target,
  { start, end, restart, trailerLength }: MarkedFraming,
): Encoding {
  const { p } = target;
  const body = bodyLength(target);
  const content = trailerLength === 0 ? body : "content";
  const ends = `at + ${start.length} + ${content}`;
  const before = `at + ${start.length}, ${
    end.length === 1 ? content : `${content} + ${end.length - 1}`
  }`;
  const hasMark = (mark: Uint8Array) =>
    `${p}_find_(${before}, ${stringOf(mark)}, ${mark.length}, &found)`;
  return {
    checks: code`
      ${checksLimit(target)}
      ${
      trailerLength > sumLength(target) && code`
        if (${body} < ${trailerLength}) {
            ${
        refuses(target, {
          code: "LENGTH_INVALID",
          text:
            `The frame is shorter than its trailer: expected at least ${trailerLength} bytes, got %llu bytes`,
          values: [body],
        })
      }
        }
      `
    }
    `,
    before: `${start.length}`,
    behind: `${end.length}`,
    head: writesMark("at", start),
    tail: code`
      ${
      trailerLength > 0 && code`
        const size_t content = ${body} - ${trailerLength};
        memmove(${ends} + ${end.length}, ${ends}, ${trailerLength});
      `
    }
      ${writesMark(ends, end)}

      size_t found = 0;
      ${
      restart && code`
        bool has_mark = ${hasMark(end)};

        if (!has_mark) {
            found = 0;
            has_mark = ${hasMark(start)};
        }
      `
    }

      if (${restart ? "has_mark" : hasMark(end)}) {
          ${
      refuses(target, {
        code: "DELIMITER_IN_FRAME",
        text:
          "The frame contains a mark of its format: expected no mark before the end, got one at byte %llu",
        values: ["found"],
      })
    }
      }
    `,
  };
}

function writesMark(at: string, mark: Uint8Array): string {
  if (mark.length > 1) {
    return `memcpy(${at}, ${stringOf(mark)}, ${mark.length});`;
  }
  const index = at === "at" ? "0" : at.slice("at + ".length);
  return `at[${index}] = ${byteConstant(mark[0]!)};`;
}
