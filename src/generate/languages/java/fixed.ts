import { code } from "../../code.ts";
import type { FixedFraming } from "../../plan.ts";
import {
  byteCount,
  type FramingPart,
  literal,
  MAX_INT,
  type Scope,
  typeOf,
} from "./part.ts";
import { checkTruncated, refuse } from "./refusals.ts";

/** Frames of a fixed length. */
export function fixedPart(
  { frameLength }: FixedFraming,
  scope: Scope,
): FramingPart {
  // No array is longer: then no frame can be complete.
  const canHold = frameLength <= MAX_INT;
  const refused = refuse(
    "LENGTH_INVALID",
    "The frame does not have the fixed length: expected {FRAME_LENGTH} bytes, got {frame.length} bytes",
  );
  return {
    picture: `content (${byteCount(frameLength)})`,
    constants: code`
      /** The length of every frame, in bytes. */
      public static final ${typeOf(frameLength)} FRAME_LENGTH = ${
      literal(frameLength)
    };
    `,
    read: code`
      ${scope.begin}
      ${
      canHold && code`
        if (unread() >= FRAME_LENGTH) {
            return take(FRAME_LENGTH);
        }

      `
    }
      ${checkTruncated(false)}
    `,
    encode: canHold
      ? code`
        if (frame.length != FRAME_LENGTH) {
            ${refused}
        }
        return frame.clone();
      `
      : refused,
  };
}
