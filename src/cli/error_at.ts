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

/** How many bytes of a bad frame an error has. */
const MOST_BYTES = 64;

/**
 * Adds the first bytes of a bad frame to its error, if it has none: a decoder gives them
 * only where the content is what is wrong.
 *
 * @param bytes Bytes of the stream that has it.
 * @param from Where they begin in the stream.
 */
export function addBytes(
  error: unknown,
  bytes: Uint8Array,
  from: number,
): void {
  if (!(error instanceof FrameError) || error.bytes !== undefined) return;
  const { offset = from } = error;
  const at = Math.min(Math.max(offset - from, 0), bytes.length);
  Object.assign(error, { bytes: bytes.slice(at, at + MOST_BYTES) });
}
