import { code } from "../../code.ts";
import { fails, reports, tooLarge } from "./errors.ts";
import { bytesPointer, setsFrame } from "./hands_out.ts";
import { mostLength, sumOf, type Target } from "./target.ts";

/** A framing whose frames say at their beginning how long they are. */
export interface Headed {
  /** From how many bytes on the header can be read. */
  readonly least: number;
  /** Whether the header may be incomplete even so: then `header` is 0. */
  readonly varies: boolean;
  /** Statements that read the header from `bytes` and define `length`. */
  readonly header: string;
  /** How many bytes stand before those of the frame. */
  readonly before: string;
  /** The type of the length: `size_t` where it is always short. */
  readonly type: "size_t" | "uint64_t";
  /** How many bytes stand behind those of the frame. */
  readonly behind?: number;
  /** Checks the bytes behind a frame of which `needed` bytes are those of all. */
  readonly checksBehind?: (needed: string) => string;
  /** Statements that set the frame; by default its bytes and length. */
  readonly sets?: string;
  /** Statements that forget what is known of the header. */
  readonly forgets?: string;
}

/** The fields of a decoder of such frames. */
export function headedFields({ plan }: Target): string {
  return plan.limit.skips
    ? code`
      uint64_t oversized; /* the length of the frame that is passed over */
      uint64_t skipped; /* how many bytes of it have been passed over */
    `
    : "";
}

/** Statements that forget what these fields say. */
export function headedForgets({ plan }: Target): string {
  return plan.limit.skips
    ? code`
      d->offset += d->skipped;
      d->oversized = d->skipped = 0;
    `
    : "";
}

/** The type of lengths on the wire: `size_t` where all are short. */
export function lengthType({ plan }: Target): Headed["type"] {
  const most = mostLength(plan.framing);
  return most !== undefined && most <= 0x7fff_ffffn ? "size_t" : "uint64_t";
}

/** Statements that read the frames of such a framing. */
export function headedReads(target: Target, headed: Headed): string {
  const { plan: { limit }, isLimited, p, P } = target;
  const { least, varies, header, before, type, behind = 0 } = headed;
  const total = sumOf(before, "length", `${behind}`);
  const isShort = type === "size_t";
  const size = (value: string) => isShort ? value : `(size_t)${value}`;
  const check = limit.skips
    ? code`
      if (length > ${P}_MAX_FRAME_LENGTH) {
          ${reports(target, tooLarge(target, "length"))}
          d->oversized = ${total};
          ${headed.forgets ?? ""}
          continue;
      }
    `
    : code`
      if (length > ${P}_MAX_FRAME_LENGTH) {
          ${fails(target, tooLarge(target, "length"))}
      }
    `;
  const complete = code`
    ${isLimited && check}
    needed = ${total};
    if (unread >= needed) {
        ${headed.checksBehind?.("needed") ?? ""}
        ${
    headed.sets ?? setsFrame(
      target,
      before === "0" ? "bytes" : `bytes + ${before}`,
      size("length"),
    )
  }
        d->used = ${size("needed")};
        ${headed.forgets ?? ""}
        return ${P}_FRAME;
    }
  `;
  const one = code`
    size_t unread = d->input.length - d->start;
    ${type} needed = ${varies ? "unread + 1" : least};

    ${limit.skips && passesOver(target, headed)}

    if (unread >= ${least}) {
        ${
    headed.sets ? "unsigned char *" : bytesPointer(target)
  }bytes = d->input.bytes + d->start;
        ${header}

        ${
    varies
      ? code`
        if (header > 0) {
            ${complete}
        }
      `
      : complete
  }
    }
    ${limit.skips ? `return ${p}_wait_(d, needed);` : waitsInline(target)}
  `;
  if (!limit.skips) return one;
  return code`
    for (;;) {
        ${one}
    }
  `;
}

/** Statements for a frame of which not all is there, where that is asked once. */
export function waitsInline(target: Target): string {
  return code`
    if (d->ended && unread > 0) {
        ${
    fails(target, {
      code: "FRAME_TRUNCATED",
      text:
        "The stream ended inside a frame: expected at least %llu bytes, got %llu bytes",
      values: ["needed", "unread"],
    })
  }
    }
    return ${target.P}_NEED_MORE;
  `;
}

/** Statements that pass over an oversized frame. */
function passesOver({ p }: Target, { checksBehind }: Headed): string {
  return code`
    if (d->oversized > 0) {
        uint64_t left = d->oversized - d->skipped;

        if (left > unread) {
            d->start += unread;
            d->skipped += unread;
            return ${p}_wait_(d, d->oversized);
        }
        ${
    checksBehind !== undefined &&
    "const unsigned char *bytes = d->input.bytes + d->start;"
  }
        ${checksBehind?.("left") ?? ""}
        d->start += (size_t)left;
        d->offset += d->oversized;
        d->oversized = d->skipped = 0;
        continue;
    }
  `;
}
