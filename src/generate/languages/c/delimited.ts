import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import { delimitedEncoding, type Search } from "./delimited_encoding.ts";
import { fails, reports, tooLarge } from "./errors.ts";
import { delimiterFinder } from "./find.ts";
import { bytesPointer, setsFrame } from "./hands_out.ts";
import type { FramingCode } from "./framing_code.ts";
import { byteConstant, type Target } from "./target.ts";

/** The code of frames that end with a delimiter. */
export function delimitedCode(
  target: Target,
  framing: DelimitedFraming,
): FramingCode {
  const { plan: { limit }, p } = target;
  const search = searchOf(framing);
  const needsFinder = search === "any" || framing.keepDelimiter;
  return {
    fields: code`
      size_t scanned; /* before which index there is no delimiter */
      ${
      limit.skips &&
      "uint64_t skipped; /* bytes of an oversized frame that are gone */"
    }
    `,
    forgets: code`
      d->scanned = 0;
      ${
      limit.skips && code`
        d->offset += d->skipped;
        d->skipped = 0;
      `
    }
    `,
    functions: needsFinder
      ? delimiterFinder(`${p}_find_`, framing.delimiters)
      : "",
    ...framing.truncated === "error" && { waits: "words" as const },
    reads: reads(target, framing, search),
    encoding: delimitedEncoding(target, framing, search),
  };
}

function searchOf({ delimiters }: DelimitedFraming): Search {
  const [first, second, ...others] = delimiters.map((one) =>
    String.fromCharCode(...one)
  );
  if (second === undefined && first?.length === 1) return "byte";
  return first === "\n" && second === "\r\n" && others.length === 0
    ? "line end"
    : "any";
}

function reads(
  target: Target,
  framing: DelimitedFraming,
  search: Search,
): string {
  const { plan: { limit }, p, P } = target;
  const { keepDelimiter, skipEmpty, truncated } = framing;
  const waits = truncated === "error"
    ? `return ${p}_wait_(d, "a delimiter");`
    : `return ${P}_NEED_MORE;`;
  const isFound = search === "any" ? "delimiter > 0" : "found != NULL";
  const total = {
    "byte": "length + 1",
    "line end": "end + 1",
    any: "length + delimiter",
  }[search];
  const loops = limit.skips || skipEmpty;
  const one = code`
    const size_t unread = d->input.length - d->start;

    if (unread == 0) {
        ${waits}
    }

    ${bytesPointer(target)}bytes = d->input.bytes + d->start;
    ${searches(target, framing, search)}

    ${
    limit.skips ? passesOver(target, isFound, total, waits) : code`
      if (length > ${P}_MAX_FRAME_LENGTH) {
          ${fails(target, tooLarge(target))}
      }
    `
  }
    if (${isFound}) {
        d->used = ${total};
        d->scanned = 0;
        ${
    skipEmpty && code`
      if (length == 0) {
          ${p}_release_(d);
          continue;
      }
    `
  }
        ${setsFrame(target, "bytes", keepDelimiter ? total : "length")}
        return ${P}_FRAME;
    }
    ${
    truncated === "emit" && code`
      if (d->ended) {
          d->used = unread;
          d->scanned = 0;
          ${setsFrame(target, "bytes", "unread")}
          return ${P}_FRAME;
      }
    `
  }
    ${
    truncated === "drop" && code`
      if (d->ended) {
          d->used = unread;
          d->scanned = 0;
      }
    `
  }
    ${waits}
  `;
  return loops
    ? code`
      for (;;) {
          ${one}
      }
    `
    : one;
}

/** Statements that define `length`, and what tells whether a delimiter is there. */
function searches(
  { p }: Target,
  { delimiters }: DelimitedFraming,
  search: Search,
): string {
  if (search === "any") {
    return code`
      const size_t delimiter =
          ${p}_find_(bytes, unread, d->ended, &d->scanned);
      const size_t length = d->scanned;
    `;
  }
  const byte = search === "byte" ? byteConstant(delimiters[0]![0]!) : "'\\n'";
  const found = code`
    const unsigned char *found = (const unsigned char *)memchr(
        bytes + d->scanned, ${byte}, unread - d->scanned);
  `;
  if (search === "byte") {
    return code`
      ${found}
      const size_t length = found == NULL ? unread : (size_t)(found - bytes);

      d->scanned = length;
    `;
  }
  return code`
    ${found}
    const size_t end = found == NULL ? unread : (size_t)(found - bytes);
    /* A carriage return that came last may become part of a line end. */
    const bool has_return = end > 0 && bytes[end - 1] == '\r' &&
        (found != NULL || !d->ended);
    const size_t length = has_return ? end - 1 : end;

    d->scanned = end;
  `;
}

/** Statements that pass over an oversized frame. */
function passesOver(
  target: Target,
  isFound: string,
  total: string,
  waits: string,
): string {
  return code`
    if (d->skipped > 0 || length > ${target.P}_MAX_FRAME_LENGTH) {
        if (d->skipped == 0) {
            ${reports(target, tooLarge(target))}
        }
        d->scanned = 0;
        if (!(${isFound})) {
            d->start += length;
            d->skipped += length;
            ${waits}
        }
        d->start += ${total};
        d->offset += d->skipped + ${total};
        d->skipped = 0;
        continue;
    }
  `;
}
