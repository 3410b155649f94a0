import type { Deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type { Calls } from "./calls.ts";
import type { Commands } from "./commands.ts";
import { MessageError, wasNotHandled } from "./errors.ts";
import type { Waiting } from "./offline_queue.ts";
import type { Peer } from "./peer.ts";

/** A connection of the client. */
export interface Line<C extends Commands, X> {
  readonly peer: Peer<C, X>;
  readonly calls: Calls;
  /** How many requests and streams of this side are under way on it. */
  open: number;
  /** Whether nothing new is sent on it. */
  isLeft: boolean;
  readonly left: Deferred<undefined>;
}

/** A request or an event that is to be sent. */
export interface Task<C extends Commands, X> extends Waiting {
  /** Sends it. Returns `false` where it was not sent since the connection has ended. */
  readonly start: (line: Line<C, X>) => boolean;
}

/** The parts of a task that the queue needs. */
export function withinTimeout(
  name: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  fail: (error: unknown) => void,
): Waiting {
  const deadline = performance.now() + timeoutMs;
  return { name, timeoutMs, deadline, signal, fail };
}

/** Sends; returns `false` where nothing was sent since the connection has ended. */
export function start(
  calls: Calls,
  signal: AbortSignal | undefined,
  fail: (error: unknown) => void,
  send: () => void,
): boolean {
  if (calls.ended) return false;
  try {
    send();
  } catch (error) {
    const isGone = wasNotHandled(error) ||
      error instanceof NetError && error.code !== "SEND_BUFFER_FULL" &&
        signal?.aborted !== true;
    if (isGone) return false;
    fail(error);
  }
  return true;
}

/** Whether the other side is closing, and did not handle a request. */
export function isClosing(error: unknown): boolean {
  return error instanceof MessageError && error.code === "CLOSING";
}

/** The error of a request that was not sent again. */
export function overBudget(command: string, cause: unknown): NetError {
  const code = cause instanceof NetError ? cause.code : "CONNECTION_CLOSED";
  return new NetError(
    code,
    `"${command}" was not sent again: too many requests were repeated in the last seconds (maxRepeatsPercent)`,
    { cause, limit: "maxRepeatsPercent" },
  );
}
