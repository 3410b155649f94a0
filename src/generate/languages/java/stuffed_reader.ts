import { code } from "../../code.ts";
import type { Limit } from "../../plan.ts";
import { literal, typeOf } from "./part.ts";
import { checkTruncated, fail, report, tooLarge } from "./refusals.ts";

/** The limit on the wire of frames that end with a byte. */
export function stuffedLimit(maxStuffedLength: number): string {
  return code`
    // The maximum length on the wire.
    private static final ${typeOf(maxStuffedLength)} MAX_STUFFED_LENGTH = ${
    literal(maxStuffedLength)
  };
  `;
}

/** The state of the decoder of frames that end with a byte. */
export function stuffedState({ skips }: Limit): string {
  return code`
    // How many of the unread bytes have no end byte.
    private int searched;

    ${
    skips && code`
      // Whether the bytes up to the next end byte are passed over.
      private boolean skipping;
    `
  }
  `;
}

/** The statements that read a frame which ends with a byte. */
export function readStuffed(
  { skips }: Limit,
  skipsInvalid: boolean,
  invalid: string,
): string {
  const message =
    `The frame is not stuffed as its format says: expected what its encoder would write, got ${invalid}`;
  return code`
    while (true) {
        ${
    skips
      ? code`
        if (!skipping) {
            frameOffset = offset;
        }
      `
      : "frameOffset = offset;"
  }
        boolean found = findEnd();
        if (${skips ? "!skipping && " : ""}searched > MAX_STUFFED_LENGTH) {
            ${
    skips
      ? `skipping = true;\n${report("FRAME_TOO_LARGE", tooLarge())}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge())
  }
        }
        if (!found) {
            ${
    skips && code`
      if (skipping) {
          skip(searched);
      }
    `
  }
            break;
        }
        ${
    skips && code`
      if (skipping) {
          skipping = false;
          skip(searched + 1);
          continue;
      }
    `
  }

        byte[] stuffed = take(searched);
        skip(1);
        if (stuffed.length == 0) {
            continue; // It ends no frame.
        }
        byte[] frame = unstuff(stuffed);
        if (frame == null) {
            ${
    skipsInvalid
      ? `${report("MARK_INVALID", message)}\ncontinue;`
      : fail("MARK_INVALID", message)
  }
        }
        if (frame.length > MAX_FRAME_LENGTH) {
            ${
    skips
      ? `${report("FRAME_TOO_LARGE", tooLarge("frame.length"))}\ncontinue;`
      : fail("FRAME_TOO_LARGE", tooLarge("frame.length"))
  }
        }
        return frame;
    }

    ${checkTruncated(skips)}
  `;
}

/** The method that finds the byte which ends a frame. */
export const findEnd: string = code`
  // Searches the bytes that have not been searched.
  private boolean findEnd() {
      int at = start + searched;
      while (at < end && buffer[at] != END_BYTE) {
          at++;
      }
      searched = at - start;
      return at < end;
  }
`;
