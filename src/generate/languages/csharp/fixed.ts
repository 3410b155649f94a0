import { code } from "../../code.ts";
import type { FixedFraming } from "../../plan.ts";
import {
  byteCount,
  type FramingPart,
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
  const type = typeOf(frameLength);
  // No array is longer: then no frame can be complete.
  const canHold = frameLength <= MAX_INT;
  const refused = refuse(
    "LENGTH_INVALID",
    `$"The frame does not have the fixed length: expected {FrameLength} bytes, got {frame.Length} bytes"`,
  );
  const constant = code`
    /// <summary>The length of every frame, in bytes.</summary>
    public const ${type} FrameLength = ${frameLength};
  `;
  return {
    picture: `content (${byteCount(frameLength)})`,
    state: constant,
    read: code`
      ${scope.begin}
      ${
      canHold && code`
        if (Unread >= FrameLength)
        {
            frame = Take(FrameLength);
            return true;
        }

      `
    }
      ${checkTruncated(false)}
    `,
    encoderState: constant,
    encode: canHold
      ? code`
        if (frame.Length != FrameLength)
        {
            ${refused}
        }

        return (byte[])frame.Clone();
      `
      : refused,
  };
}
