import { NetError } from "../net/errors.ts";

/** The error of what needs an engine that is away. */
export function unavailable(cause?: unknown): NetError {
  return new NetError(
    "UNAVAILABLE",
    "The engine of the backplane is away: nothing was queued, try again when its state is up",
    { cause },
  );
}

/** The error of what needs a node that is not there any more. */
export function goneError(nodeId: string): NetError {
  return new NetError(
    "CONNECTION_RESET",
    `The node ${nodeId} is gone: it was closed, or gave no sign of life`,
  );
}

/** Whether an error is that of an engine that is away. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof NetError && error.code === "UNAVAILABLE";
}
