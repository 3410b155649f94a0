import { FrameError } from "../codec/errors.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { NetError } from "../net/errors.ts";

/**
 * The codes that peers use themselves. Handlers may use others:
 *
 * - `NO_HANDLER`: the other side has no handler for the command.
 * - `BODY_INVALID`: the body or the reply does not fit its schema; `data` is
 *   `{ issues: [{ path, message }] }`.
 * - `HANDLER_FAILED`: the handler threw. The error itself stays on its side.
 * - `HANDLER_TIMED_OUT`: the handler took longer than `handlerTimeoutMs`. It may have
 *   done what was asked nevertheless.
 * - `TOO_MANY_REQUESTS`: the other side has `maxRequests` under way, or has got more
 *   than `requestsPerSecond`. The request was not handled.
 * - `CLOSING`: the other side is closing and accepts no requests. The request was
 *   not handled, and often not even sent: it is safe to repeat on another connection.
 * - `NOT_A_STREAM`: a stream was requested and the handler gives one reply, or
 *   the other way round.
 */
export type MessageErrorCode =
  | "NO_HANDLER"
  | "BODY_INVALID"
  | "HANDLER_FAILED"
  | "HANDLER_TIMED_OUT"
  | "TOO_MANY_REQUESTS"
  | "CLOSING"
  | "NOT_A_STREAM"
  | (string & Record<never, never>);

/**
 * An error that goes over the wire. When a handler throws one, the request on the
 * other side rejects with the same code, message and data.
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
  /** Details, as JSON; `null` where there are none. */
  readonly data: JsonValue;

  /** Makes an error of the code. */
  constructor(code: MessageErrorCode, message: string, data: JsonValue = null) {
    super(message);
    this.name = "MessageError";
    this.code = code;
    this.data = data;
  }
}

/** The error for an envelope that breaks the rules of the protocol. */
export function violation(expected: string, got: string): FrameError {
  return new FrameError("MESSAGE_INVALID", {
    reason: "The message makes no sense here",
    expected,
    got,
  });
}

/** The errors of requests that certainly were not handled. */
const ofUnhandled = new WeakSet<object>();

/** The error of a request that the other side, which closes, has not handled. */
export function notHandled(command: string): MessageError {
  const error = new MessageError(
    "CLOSING",
    `The other side closes and has not handled "${command}": repeat it elsewhere`,
  );
  ofUnhandled.add(error);
  return error;
}

/**
 * Whether an error is of a request that was not handled. The code `CLOSING` does not
 * tell: a handler can throw it, too.
 */
export function wasNotHandled(error: unknown): boolean {
  return error instanceof MessageError && ofUnhandled.has(error);
}

/**
 * The error of one request that will get no reply because the connection has
 * ended: an object of its own, with the code of the connection's error, which is
 * its cause.
 */
export function lostError(command: string, cause: unknown): Error {
  const reason = `The connection ended before the reply to "${command}"`;
  if (cause === undefined) return new NetError("CONNECTION_CLOSED", reason);
  if (cause instanceof FrameError) {
    const { code, offset, expected, got } = cause;
    return new FrameError(code, {
      reason: `${reason}: bad data`,
      ...(offset !== undefined && { offset }),
      expected,
      got,
      cause,
    });
  }
  const { code, limit } = cause instanceof NetError
    ? cause
    : { code: "CONNECTION_CLOSED" as const, limit: undefined };
  const why = cause instanceof Error ? cause.message : String(cause);
  return new NetError(code, `${reason}: ${why}`, { cause, limit });
}
