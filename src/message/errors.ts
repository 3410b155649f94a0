import { FrameError } from "../codec/errors.ts";
import type { JsonValue } from "../codec/views/json.ts";

/**
 * Codes that the peers give by themselves; handlers may use others:
 *
 * - `NO_HANDLER`: the other side has no handler for the command.
 * - `BODY_INVALID`: the body, or the reply, is not of its schema.
 * - `HANDLER_FAILED`: the handler threw; what it threw stays on its side.
 * - `TOO_MANY_REQUESTS`: the other side has as many under way as it takes.
 * - `CLOSING`: the other side is closing and takes no requests any more; nothing
 *   was done.
 * - `NOT_A_STREAM`: a stream was asked for and there is one reply, or the other
 *   way round.
 */
export type MessageErrorCode =
  | "NO_HANDLER"
  | "BODY_INVALID"
  | "HANDLER_FAILED"
  | "TOO_MANY_REQUESTS"
  | "CLOSING"
  | "NOT_A_STREAM"
  | (string & Record<never, never>);

/**
 * An error that goes over the wire. A handler that throws one answers with its
 * code, message and data; the request on the other side rejects with the same.
 *
 * @example
 * ```ts
 * import { MessageError } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new MessageError("NOT_FOUND", "There is no such user", { id: 7 });
 * assertEquals(error.code, "NOT_FOUND");
 * ```
 */
export class MessageError extends Error {
  /** What went wrong, for programs. */
  readonly code: MessageErrorCode;
  /** What else is to be said of it. */
  readonly data: JsonValue;

  /** Makes an error of the code. */
  constructor(code: MessageErrorCode, message: string, data: JsonValue = null) {
    super(message);
    this.name = "MessageError";
    this.code = code;
    this.data = data;
  }
}

/** The error for what a peer must not send. */
export function violation(expected: string, got: string): FrameError {
  return new FrameError("MESSAGE_INVALID", {
    reason: "The message makes no sense here",
    expected,
    got,
  });
}
