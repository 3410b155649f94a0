import { code } from "../../code.ts";
import { fails, reports, tooLarge, type Wrong } from "./errors.ts";
import { setsFrame } from "./hands_out.ts";
import type { Target } from "./target.ts";

/** A framing that ends frames with a byte that does not occur in them. */
export interface Stuffing {
  readonly end: string;
  /** The most bytes that a frame within the limit has on the wire. */
  readonly most: string;
  readonly skipsInvalid: boolean;
  /** What was there instead of a frame as an encoder writes it. */
  readonly got: string;
}

/** The fields of a decoder of such frames. */
export function stuffedFields({ plan }: Target): string {
  return code`
    size_t scanned; /* before which index there is no byte that ends a frame */
    ${
    plan.limit.skips &&
    "uint64_t skipped; /* bytes of an oversized frame that are gone */"
  }
  `;
}

/** Statements that forget what these fields say. */
export function stuffedForgets({ plan }: Target): string {
  return code`
    d->scanned = 0;
    ${
    plan.limit.skips && code`
      d->offset += d->skipped;
      d->skipped = 0;
    `
  }
  `;
}

/** Statements that read such frames; the function `unstuff_` makes them plain. */
export function readsStuffed(target: Target, stuffing: Stuffing): string {
  const { plan: { limit }, p, P } = target;
  const { end, most, skipsInvalid, got } = stuffing;
  const waits = `return ${p}_wait_(d, "the byte that ends the frame");`;
  const passesOver = code`
    ${p}_release_(d);
    continue;
  `;
  const wrong: Wrong = {
    code: "MARK_INVALID",
    text:
      `The frame is not stuffed as its format says: expected what its encoder would write, got ${got}`,
  };
  return code`
    for (;;) {
        const size_t unread = d->input.length - d->start;

        if (unread == 0) {
            ${waits}
        }

        unsigned char *bytes = d->input.bytes + d->start;
        const unsigned char *found = (const unsigned char *)memchr(
            bytes + d->scanned, ${end}, unread - d->scanned);
        const size_t length = found == NULL ? unread : (size_t)(found - bytes);
        size_t plain;

        d->scanned = length;
        ${
    limit.skips
      ? code`
        if (d->skipped > 0 || length > ${most}) {
            if (d->skipped == 0) {
                ${reports(target, tooLarge(target))}
            }
            d->scanned = 0;
            if (found == NULL) {
                d->start += length;
                d->skipped += length;
                ${waits}
            }
            d->start += length + 1;
            d->offset += d->skipped + length + 1;
            d->skipped = 0;
            continue;
        }
      `
      : code`
        if (length > ${most}) { /* whatever is escaped in it */
            ${fails(target, tooLarge(target))}
        }
      `
  }
        if (found == NULL) {
            ${waits}
        }
        d->used = length + 1;
        d->scanned = 0;
        if (length == 0) { /* no frame */
            ${passesOver}
        }
        if (!${p}_unstuff_(bytes, length, &plain)) {
            ${
    skipsInvalid
      ? code`
        ${reports(target, wrong)}
        ${passesOver}
      `
      : fails(target, wrong)
  }
        }
        if (plain > ${P}_MAX_FRAME_LENGTH) {
            ${
    limit.skips
      ? code`
        ${reports(target, tooLarge(target))}
        ${passesOver}
      `
      : fails(target, tooLarge(target))
  }
        }
        ${setsFrame(target, "bytes", "plain")}
        return ${P}_FRAME;
    }
  `;
}
