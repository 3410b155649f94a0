import { FrameError, type FrameErrorCode } from "../../mod.ts";

/** The error for bytes that are not what a format says. */
export function invalid(
  code: FrameErrorCode,
  expected: string,
  got: unknown,
): FrameError {
  const reason = "The bytes are not what the format says";
  return new FrameError(code, { reason, expected, got: `${got}` });
}
