import { FrameError } from "../errors.ts";

const textDecoder = new TextDecoder("utf-8", { fatal: true });
const textEncoder = new TextEncoder();

/** Parses JSON in UTF-8; `offset` is that of the frame, for errors. */
export function readJson(bytes: Uint8Array, offset: number): unknown {
  try {
    return JSON.parse(textDecoder.decode(bytes));
  } catch (cause) {
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The message is not JSON",
      offset,
      expected: "JSON in UTF-8",
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** Serializes a value to JSON in UTF-8. */
export function writeJson(value: unknown): Uint8Array {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // A circular structure, or a bigint.
    cause = error;
  }
  if (text !== undefined) return textEncoder.encode(text);
  throw new FrameError("MESSAGE_INVALID", {
    reason: "The message cannot become JSON",
    expected: "a JSON value",
    got: cause instanceof Error ? cause.message : typeof value,
    cause,
  });
}
