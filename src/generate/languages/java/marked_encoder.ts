import { code } from "../../code.ts";
import type { MarkedFraming } from "../../plan.ts";
import type { Limits } from "./limits.ts";
import { byteCount } from "./part.ts";
import { refuse } from "./refusals.ts";

/** The statements that encode a frame between marks. */
export function encodeMarked(
  { restart, trailerLength }: MarkedFraming,
  limits: Limits,
): string {
  const content = trailerLength === 0 ? "frame.length" : "contentLength";
  return code`
    ${limits.checkEncoded()}
    ${
    trailerLength > 0 && code`
      int contentLength = frame.length - ${trailerLength};
      if (contentLength < 0) {
          ${
      refuse(
        "LENGTH_INVALID",
        `The frame is shorter than its trailer: expected at least ${
          byteCount(trailerLength)
        }, got {frame.length} bytes`,
      )
    }
      }
    `
  }

    byte[] bytes = new byte[START_MARK.length + frame.length + END_MARK.length];
    int contentEnd = START_MARK.length + ${content};
    System.arraycopy(START_MARK, 0, bytes, 0, START_MARK.length);
    System.arraycopy(frame, 0, bytes, START_MARK.length, ${content});
    System.arraycopy(END_MARK, 0, bytes, contentEnd, END_MARK.length);
    ${
    trailerLength > 0 &&
    `System.arraycopy(frame, contentLength, bytes, contentEnd + END_MARK.length, ${trailerLength});`
  }

    // A mark that is complete before the end mark would end the frame.
    int end = contentEnd + END_MARK.length - 1;
    int at = indexOf(END_MARK, bytes, START_MARK.length, end);
    boolean found = at + END_MARK.length <= end;
    ${
    restart && code`
      if (!found) {
          at = indexOf(START_MARK, bytes, START_MARK.length, end);
          found = at + START_MARK.length <= end;
      }
    `
  }
    if (found) {
        ${
    refuse(
      "DELIMITER_IN_FRAME",
      "The frame contains a mark of its format: expected no mark before the end, got one at byte {(at - START_MARK.length)}",
    )
  }
    }
    return bytes;
  `;
}
