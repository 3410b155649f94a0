import { type Address, formatAddress } from "./address.ts";
import { NetError } from "./errors.ts";
import { after } from "./timer.ts";

/**
 * Connects within a time limit.
 *
 * @param to Where to, for the error.
 * @param connect Connects. It must stop, and reject with the reason of the signal that
 * it is given, when that aborts: after the time limit, and when `signal` does.
 */
export async function withinTime<T>(
  to: Address,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  connect: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const callOff = after(timeoutMs, () => {
    stop.abort(
      new NetError(
        "TIMED_OUT",
        `Cannot connect to ${formatAddress(to)}: no answer in ${timeoutMs} ms`,
        { limit: "timeoutMs" },
      ),
    );
  });
  try {
    return await connect(stop.signal);
  } finally {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  }
}
