import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { fails, reports, tooLarge, type Wrong } from "./errors.ts";
import { markFinder, stringOf } from "./find.ts";
import type { FramingCode } from "./framing_code.ts";
import { markedEncoding } from "./marked_encoding.ts";
import {
  betweenFrames,
  countsNoise,
  noiseFunction,
  separatorFunction,
} from "./marked_noise.ts";
import { bytesPointer, setsFrame } from "./hands_out.ts";
import { plus, type Target } from "./target.ts";

/** The code of frames between marks. */
export function markedCode(
  target: Target,
  framing: MarkedFraming,
): FramingCode {
  const { p } = target;
  const { between, restart } = framing;
  const skips = target.plan.limit.skips || countsNoise(framing);
  return {
    fields: code`
      bool in_frame; /* the start mark is there, and is still among the bytes */
      size_t scanned; /* before which index there is no mark */
      ${
      restart && "size_t restarted; /* the same for start marks in a frame */"
    }
      ${skips && "uint64_t skipped; /* bytes that are passed over and gone */"}
    `,
    forgets: code`
      d->in_frame = false;
      d->scanned = 0;
      ${restart && "d->restarted = 0;"}
      ${
      skips && code`
        d->offset += d->skipped;
        d->skipped = 0;
      `
    }
    `,
    functions: code`
      ${markFinder(`${p}_find_`)}

      ${typeof between === "object" && separatorFunction(target, between)}

      ${countsNoise(framing) && noiseFunction(target, framing)}
    `,
    waits: "words",
    reads: code`
      for (;;) {
          const size_t unread = d->input.length - d->start;
          ${
      framing.trailerLength > 0 ? "unsigned char *" : bytesPointer(target)
    }bytes =
              unread == 0 ? NULL : d->input.bytes + d->start;

          if (!d->in_frame) {
              ${betweenFrames(target, framing)}
          }
          ${inFrame(target, framing)}
      }
    `,
    encoding: markedEncoding(target, framing),
  };
}

/** Statements that find the end of the frame whose start mark is there. */
function inFrame(target: Target, framing: MarkedFraming): string {
  const { plan: { limit }, p, P } = target;
  const { start, end, restart, trailerLength } = framing;
  const content = restart ? "content" : "d->scanned";
  const waits = `return ${p}_wait_(d, "an end mark");`;
  const length = plus(content, trailerLength - start.length);
  const isOver = `${length} > ${P}_MAX_FRAME_LENGTH`;
  return code`
    ${unreadCheck(target, waits)}

    const bool has_end =
        ${p}_find_(bytes, unread, ${stringOf(end)}, ${end.length}, &d->scanned);
    ${
    restart && code`
      /* Whichever mark is complete first counts. */
      const size_t before = has_end ? d->scanned + ${end.length - 1} : unread;
      const bool has_start = ${p}_find_(
          bytes, before, ${stringOf(start)}, ${start.length}, &d->restarted);
      const size_t content = has_start || (!has_end && d->restarted < d->scanned)
          ? d->restarted
          : d->scanned;
    `
  }
    const size_t total = ${plus(content, end.length + trailerLength)};
    ${
    limit.skips
      ? code`
        bool is_oversized = d->skipped > 0;

        if (!is_oversized && ${isOver}) {
            is_oversized = true;
            ${reports(target, tooLarge(target))}
        }
      `
      : code`
        if (${isOver}) {
            ${fails(target, tooLarge(target))}
        }
      `
  }
    ${restart && breaksOff(target, framing)}
    if (!has_end || unread < total) {
        ${
    limit.skips && code`
      if (is_oversized) {
          d->start += ${content};
          d->skipped += ${content};
          d->scanned = 0;
          ${restart && "d->restarted = 0;"}
      }
    `
  }
        ${waits}
    }
    ${
    limit.skips && code`
      if (is_oversized) {
          d->used = total;
          ${ends(framing)}
          ${p}_release_(d);
          d->offset += d->skipped;
          d->skipped = 0;
          continue;
      }
    `
  }
    ${
    trailerLength > 0 && code`
      /* The trailer moves to the content. */
      memmove(bytes + ${content}, bytes + ${content} + ${end.length}, ${trailerLength});
    `
  }
    ${setsFrame(target, `bytes + ${start.length}`, length)}
    d->used = total;
    ${ends(framing)}
    return ${P}_FRAME;
  `;
}

/** Nothing is searched where no byte is there. */
function unreadCheck(target: Target, waits: string): string {
  return target.plan.limit.skips
    ? code`
      if (unread == 0) {
          ${waits}
      }

    `
    : "";
}

/** Statements that end a frame: the next one has not been found. */
function ends({ restart }: MarkedFraming): string {
  return code`
    d->in_frame = false;
    d->scanned = 0;
    ${restart && "d->restarted = 0;"}
  `;
}

/** Statements that end a frame where the next one begins. */
function breaksOff(target: Target, framing: MarkedFraming): string {
  const { limit } = target.plan;
  const wrong: Wrong = {
    code: "MARK_INVALID",
    text:
      "The frame is broken off: expected an end mark, got a start mark after %llu bytes",
    values: ["content"],
  };
  const passesOver = code`
    d->used = content;
    ${ends(framing)}
    ${target.p}_release_(d);
    ${
    limit.skips && code`
      d->offset += d->skipped;
      d->skipped = 0;
    `
  }
    continue;
  `;
  const report = framing.skipsInvalid
    ? reports(target, wrong)
    : fails(target, wrong);
  return code`
    if (has_start) {
        ${
    limit.skips
      ? code`
        if (!is_oversized) {
            ${report}
        }
      `
      : report
  }
        ${(limit.skips || framing.skipsInvalid) && passesOver}
    }
  `;
}
