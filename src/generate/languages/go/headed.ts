import { code } from "../../code.ts";
import { tooLarge } from "./limits.ts";
import type { Field, Frames } from "./parts.ts";
import { after, compact, MAX_INT, plus } from "./syntax.ts";

/** A framing whose header says how long the frame is. */
export interface Headed {
  /** Reads the header at the start of `in` and declares `length`, or returns. */
  readonly header: string;
  /** Whether `length` is an `int64`; otherwise it is an `int`. */
  readonly isWide: boolean;
  /** The largest value that `length` can have. */
  readonly most: bigint;
  /** Where the frame begins: a number, or the name of an `int`. */
  readonly start: number | string;
  /** How large that can be. */
  readonly mostStart: number;
  /** Returns if the byte at an index is not that behind the frame, where there is one. */
  readonly checkTrailer?: (index: string) => string;
  /** Makes the frame from its part of `in`. */
  readonly frame?: (part: string) => string;
}

/** The field of a decoder that passes over frames whose length is known. */
export function headedFields({ plan }: Frames): Field[] {
  return plan.limit.skips
    ? [["skip", "int64", "how much of an oversized frame has not arrived"]]
    : [];
}

/** The body of the function that returns the next frame. */
export function headedNext(frames: Frames, headed: Headed): string {
  const { plan, isTracked } = frames;
  if (plan.limit.skips) {
    return code`
      for {
        ${skipRest(frames, headed)}
        d.frameAt = d.offset
        in := d.buf[d.start:]
        ${headed.header}
        ${limit(frames, headed)}
        ${take(frames, headed)}
      }
    `;
  }
  return code`
    ${isTracked && "d.frameAt = d.offset"}
    in := d.buf[d.start:]
    ${headed.header}
    ${limit(frames, headed)}
    ${take(frames, headed)}
  `;
}

/** Passes over what has arrived of an oversized frame. */
function skipRest(frames: Frames, { checkTrailer }: Headed): string {
  return code`
    if d.skip > 0 {
      in := d.buf[d.start:]
      if int64(len(in)) < d.skip {
        d.skip -= int64(len(in))
        d.drop(len(in))
        ${frames.no('d.wait("the rest of an oversized frame")')}
      }
      ${checkTrailer?.("d.skip-1") ?? ""}
      d.drop(int(d.skip))
      d.skip = 0
    }
  `;
}

function limit(frames: Frames, headed: Headed): string {
  const { plan } = frames;
  if (headed.most <= BigInt(plan.limit.maxFrameLength)) return "";
  if (!plan.limit.skips) {
    return code`
      if length > MaxFrameLength {
        ${frames.no(`d.fail(${tooLarge("MaxFrameLength", "length")})`)}
      }
    `;
  }
  const { isWide, checkTrailer } = headed;
  const length = isWide ? "length" : "int64(length)";
  const start = typeof headed.start === "number"
    ? after(headed.start, length)
    : `int64(${headed.start}) + ${length}`;
  return code`
    if length > MaxFrameLength {
      d.skip = ${start}${checkTrailer ? " + 1" : ""}
      d.report(${tooLarge("MaxFrameLength", "length")})
      continue
    }
  `;
}

/** Takes the frame when all of it has arrived. */
function take(frames: Frames, headed: Headed): string {
  const { start, isWide, checkTrailer } = headed;
  const max = BigInt(frames.plan.limit.maxFrameLength);
  const most = headed.most < max ? headed.most : max;
  const isNarrow = most + BigInt(headed.mostStart + 1) <= MAX_INT;
  const isInt = isNarrow || !isWide;
  const length = isWide && isNarrow ? "int(length)" : "length";
  const end = typeof start === "number"
    ? after(start, length)
    : isInt
    ? `${start} + ${length}`
    : `int64(${start}) + ${length}`;
  const frame = headed.frame ?? frames.from;
  const from = start === 0 ? "" : start;
  const trailer = checkTrailer === undefined ? 0 : 1;
  const total = plus("end", trailer);
  const there = isInt ? "len(in)" : "int64(len(in))";
  return code`
    end := ${end}
    if ${there} ${trailer > 0 ? "<=" : "<"} end {
      ${frames.no(`d.wait("a frame of %d bytes", ${compact(total)})`)}
    }
    ${checkTrailer?.("end") ?? ""}
    frame := ${frame(`in[${from}:end]`)}
    d.drop(${isInt ? total : `int(${compact(total)})`})
    return frame, true, nil
  `;
}
