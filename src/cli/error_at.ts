import { FrameError } from "../codec/errors.ts";

/** The error of a frame with another offset: that of another beginning. */
export function errorAt(error: FrameError, offset: number): FrameError {
  const { code, message, expected, got, bytes, cause } = error;
  const [reason = ""] = message.split(": expected ");
  return new FrameError(code, {
    reason,
    offset,
    expected,
    got,
    ...(cause !== undefined && { cause }),
    ...(bytes !== undefined && { bytes }),
  });
}
