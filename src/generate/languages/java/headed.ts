import { code } from "../../code.ts";
import type { Limit } from "../../plan.ts";
import type { Scope } from "./part.ts";
import { checkTruncated, fail, report, tooLarge } from "./refusals.ts";

/** How frames that announce their length are read. */
export interface Headed {
  readonly scope: Scope;
  readonly limit: Limit;
  /** Whether a length can be over the limit. */
  readonly canExceed: boolean;
  /** The statement that looks for the header. */
  readonly find?: string;
  /** The condition that the header is there, and the opposite. */
  readonly header: { readonly isThere: string; readonly isMissing: string };
  /** Statements that declare `length`, that of the content, and check the header. */
  readonly parse: string;
  /** The type of `length`. */
  readonly lengthType: "int" | "long";
  /** How many bytes precede the content, in Java; an empty string for none. */
  readonly before: string;
  /** The statement that checks the byte behind the content, in formats with one. */
  readonly checkTrailer?: (index: string) => string;
  /** Statements that return the frame. */
  readonly take?: (length: string) => string;
}

/** The statements that read a frame whose header announces its length. */
export function readHeaded(headed: Headed): string {
  const { scope, header, find = "", parse, limit, canExceed } = headed;
  const whole = sum(headed.before, "length", headed.checkTrailer && "1");
  if (canExceed && limit.skips) return readOrSkip(headed, whole);
  return code`
    ${scope.begin}
    ${find}
    if (${header.isThere}) {
        ${parse}
        ${
    canExceed && code`
      if (length > MAX_FRAME_LENGTH) {
          ${fail("FRAME_TOO_LARGE", tooLarge("length"))}
      }
    `
  }
        if (unread() >= ${whole}) {
            ${taking(headed)}
        }
    }

    ${checkTruncated(false)}
  `;
}

function readOrSkip(headed: Headed, whole: string): string {
  const { header, find = "", parse, checkTrailer } = headed;
  return code`
    while (true) {
        long skipped = skipEnd - offset;
        if (skipped > unread()) {
            skip(unread());
            break;
        }
        if (skipped > 0) {
            ${checkTrailer?.("(int) skipped - 1") ?? ""}
            skip((int) skipped);
        }

        frameOffset = offset;
        ${find}
        if (${header.isMissing}) {
            break;
        }

        ${parse}
        if (length > MAX_FRAME_LENGTH) {
            skipEnd = offset + ${whole};
            ${report("FRAME_TOO_LARGE", tooLarge("length"))}
            continue;
        }
        if (unread() < ${whole}) {
            break;
        }

        ${taking(headed)}
    }

    ${checkTruncated(true)}
  `;
}

/** The statements that take a frame which is all there. */
function taking(headed: Headed): string {
  const { before, lengthType, checkTrailer } = headed;
  const length = lengthType === "long" ? "(int) length" : "length";
  const take = headed.take ??
    ((length) =>
      checkTrailer === undefined
        ? `return take(${length});`
        : `byte[] frame = take(${length});\nskip(1);\nreturn frame;`);
  return code`
    ${checkTrailer?.(sum(before, length)) ?? ""}
    ${before !== "" && `skip(${before});`}
    ${take(length)}
  `;
}

function sum(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" + ");
}

/** The state that `readHeaded` has where frames are passed over. */
export function skipState(
  { limit, canExceed }: Pick<Headed, "limit" | "canExceed">,
): string {
  return limit.skips && canExceed
    ? code`
      // The position in the stream at which a frame that is passed over ends.
      private long skipEnd;
    `
    : "";
}
