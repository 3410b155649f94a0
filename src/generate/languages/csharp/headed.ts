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
  /** The condition that the header is there, and the opposite. */
  readonly header: { readonly isThere: string; readonly isMissing: string };
  /** Statements that declare `length`, that of the content, and check the header. */
  readonly parse?: string;
  /** The type of `length`. */
  readonly lengthType: "int" | "long";
  /** How many bytes precede the content, in C#; an empty string for none. */
  readonly before: string;
  /** The statement that checks the byte behind the content, in formats with one. */
  readonly checkTrailer?: (index: string) => string;
  /** The statement that makes the frame. */
  readonly take?: (length: string) => string;
}

/** The statements that read a frame whose header announces its length. */
export function readHeaded(headed: Headed): string {
  const { scope, header, parse = "", limit, canExceed } = headed;
  const whole = sum(headed.before, "length", headed.checkTrailer && "1");
  if (canExceed && limit.skips) return readOrSkip(headed, whole);
  return code`
    ${scope.begin}
    if (${header.isThere})
    {
        ${parse}
        ${
    canExceed && code`
      if (length > MaxFrameLength)
      {
          ${fail("FRAME_TOO_LARGE", tooLarge("length"))}
      }
    `
  }

        if (Unread >= ${whole})
        {
            ${taking(headed)}
        }
    }

    ${checkTruncated(false)}
  `;
}

function readOrSkip(headed: Headed, whole: string): string {
  const { header, parse = "", checkTrailer } = headed;
  return code`
    while (true)
    {
        long skipped = _skipEnd - _offset;
        if (skipped > Unread)
        {
            Skip(Unread);
            break;
        }

        if (skipped > 0)
        {
            ${checkTrailer?.("(int)skipped - 1") ?? ""}
            Skip((int)skipped);
        }

        _frameOffset = _offset;
        if (${header.isMissing})
        {
            break;
        }

        ${parse}
        if (length > MaxFrameLength)
        {
            _skipEnd = _offset + ${whole};
            ${report("FRAME_TOO_LARGE", tooLarge("length"))}
            continue;
        }

        if (Unread < ${whole})
        {
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
  const { take = (length) => `frame = Take(${length});` } = headed;
  const length = lengthType === "long" ? "(int)length" : "length";
  return code`
    ${checkTrailer?.(sum(before, length)) ?? ""}
    ${before !== "" && `Skip(${before});`}
    ${take(length)}
    ${checkTrailer !== undefined && "Skip(1);"}
    return true;
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
      private long _skipEnd;
    `
    : "";
}
