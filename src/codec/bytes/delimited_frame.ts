import { checkChoice } from "../../checks.ts";
import { FrameError } from "../errors.ts";
import type { ByteQueue } from "./byte_queue.ts";
import { cutOff } from "./limits.ts";

/** What to do with bytes behind the last delimiter at the end of the stream. */
export type TruncatedPolicy = "error" | "emit" | "drop";

/** Refuses an option that is no policy. */
export function checkTruncated(policy: TruncatedPolicy): void {
  checkChoice("truncated", policy, ["error", "emit", "drop"]);
}

/**
 * Takes what is left when the stream has ended.
 *
 * @param isSkipping Whether it belongs to a frame that is skipped.
 */
export function takeRest(
  input: ByteQueue,
  policy: TruncatedPolicy,
  isSkipping: boolean,
): Uint8Array | undefined {
  if (policy === "error" && (input.length > 0 || isSkipping)) {
    throw cutOff(input, "a delimiter");
  }
  const rest = input.take(input.length);
  return policy === "emit" && rest.length > 0 ? rest : undefined;
}

/** The error of an empty frame whose decoder would leave it out. */
export function emptyLeftOut(): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "The frame is empty, and its decoder leaves empty frames out",
    expected: "1 byte or more",
    got: "0 bytes",
  });
}
