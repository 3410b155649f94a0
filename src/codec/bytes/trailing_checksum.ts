import { FrameError } from "../errors.ts";
import type { Checksum } from "../types.ts";
import { hexOf } from "./hex.ts";
import type { Refusal } from "./recovery.ts";

/**
 * Checks the checksum at the end of a frame: returns what is before it, or what makes
 * its error.
 */
export function withoutChecksum(
  frame: Uint8Array,
  { length, compute }: Checksum,
  offset: number,
): Uint8Array | Refusal {
  const end = Math.max(0, frame.length - length);
  const content = frame.subarray(0, end);
  const got = frame.subarray(end);
  const expected = compute(content);
  if (got.length === length && expected.every((b, i) => b === got[i])) {
    return content;
  }
  return () =>
    new FrameError("CHECKSUM_MISMATCH", {
      reason: "The checksum is wrong",
      offset,
      expected: hexOf(expected, ""),
      got: hexOf(got, "") || "none",
    });
}
