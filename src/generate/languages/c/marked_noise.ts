import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import { fails, reports, type Wrong } from "./errors.ts";
import { stringOf } from "./find.ts";
import { byteConstant, type Target } from "./target.ts";

/** Whether bytes between frames are passed over with a report. */
export function countsNoise({ between, skipsInvalid }: MarkedFraming): boolean {
  return between !== "skip" && skipsInvalid;
}

/** The function that reports what has been passed over between two frames. */
export function noiseFunction(target: Target, framing: MarkedFraming): string {
  return code`
    /* Reports the bytes before a start mark that have been passed over. */
    static void ${target.p}_end_noise_(struct ${target.p}_decoder *d)
    {
        ${reports(target, noStart(framing))}
        d->offset += d->skipped;
        d->skipped = 0;
    }
  `;
}

function noStart({ start }: MarkedFraming): Wrong {
  return {
    code: "MARK_INVALID",
    text: `The frame does not begin with its start mark: expected ${
      hex(start)
    }, got other bytes`,
  };
}

/** Whether what may stand between frames can be there in part. */
function mayBePart(separators: readonly Uint8Array[]): boolean {
  return separators.some(({ length }) => length > 1);
}

/** The function that finds what may stand between frames. */
export function separatorFunction(
  { p }: Target,
  separators: readonly Uint8Array[],
): string {
  const longestFirst = [...separators].sort((a, b) => b.length - a.length);
  const tests = longestFirst.map((one) =>
    one.length === 1
      ? code`
        if (bytes[0] == ${byteConstant(one[0]!)}) {
            return 1;
        }
      `
      : code`
        there = length < ${one.length} ? length : ${one.length};
        if (memcmp(bytes, ${stringOf(one)}, there) == 0) {
            if (there == ${one.length}) {
                return ${one.length};
            }
            if (!ended) {
                return SIZE_MAX;
            }
        }
      `
  );
  return mayBePart(separators)
    ? code`
      /*
       * The length of the separator that bytes begin with: 0 if there is none, and
       * SIZE_MAX if they may still become one.
       */
      static size_t ${p}_separator_(
          const unsigned char *bytes, size_t length, bool ended)
      {
          size_t there;

          ${tests.join("\n")}
          return 0;
      }
    `
    : code`
      /* The length of the separator that bytes begin with, or 0. */
      static size_t ${p}_separator_(const unsigned char *bytes)
      {
          ${tests.join("\n")}
          return 0;
      }
    `;
}

/** Statements that find the next start mark, where no frame has begun. */
export function betweenFrames(target: Target, framing: MarkedFraming): string {
  const { p, P } = target;
  const { start, between, restart } = framing;
  const isNoise = countsNoise(framing);
  const waits = `return ${p}_wait_(d, "a start mark");`;
  const passesOver = between === "skip"
    ? code`
      d->used = d->scanned;
      d->scanned = 0;
      ${p}_release_(d);
      continue;
    `
    : isNoise
    ? code`
      d->start += d->scanned;
      d->skipped += d->scanned;
      d->scanned = 0;
      continue;
    `
    : fails(target, noStart(framing));
  const ended = between === "skip"
    ? code`
      if (d->ended) {
          d->used = unread;
          return ${P}_NEED_MORE;
      }
    `
    : isNoise
    ? code`
      if (d->ended && d->skipped > 0) {
          /* What is left did not become a start mark. */
          ${p}_end_noise_(d);
          d->used = unread;
          return ${P}_NEED_MORE;
      }
    `
    : "";
  return code`
    const bool has_start = unread > 0 &&
        ${p}_find_(bytes, unread, ${
    stringOf(start)
  }, ${start.length}, &d->scanned);

    if (d->scanned > 0) {
        ${typeof between === "object" && separators(target, between, isNoise)}
        ${passesOver}
    }
    if (!has_start) {
        ${ended}
        ${waits}
    }
    ${
    isNoise && code`
      if (d->skipped > 0) {
          ${p}_end_noise_(d);
      }
    `
  }
    d->in_frame = true;
    d->scanned = ${start.length};
    ${restart && `d->restarted = ${start.length};`}
  `;
}

/** Statements that pass over a separator, without a report. */
function separators(
  { p }: Target,
  between: readonly Uint8Array[],
  isNoise: boolean,
): string {
  const isPart = mayBePart(between);
  const found = code`
    const size_t separator = ${p}_separator_(bytes${
    isPart && ", unread, d->ended"
  });

    ${
    isPart && code`
      if (separator == SIZE_MAX) {
          return ${p}_wait_(d, "a start mark");
      }
    `
  }
    if (separator > 0) {
        d->scanned = d->scanned < separator ? 0 : d->scanned - separator;
        d->used = separator;
        ${p}_release_(d);
        continue;
    }
  `;
  return isNoise
    ? code`
      if (d->skipped == 0) {
          ${found}
      }
    `
    : found;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}
