import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Address } from "../address.ts";
import { deferred } from "../deferred.ts";
import { after } from "../timer.ts";
import type { Transport } from "../transport.ts";
import { connectError } from "./runtime_errors.ts";

/**
 * How long an attempt goes on alone before the next address is tried as well: the
 * Connection Attempt Delay that section 8 of RFC 8305 recommends.
 */
export const ATTEMPT_DELAY_MS = 250;

/** An IP address of a host. */
interface HostAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/**
 * The IP addresses of a host, to be tried in this order.
 *
 * @param to Where the client connects to, for the error.
 */
export async function ipAddressesOf(
  to: Address,
  hostname: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  signal.throwIfAborted();
  if (isIP(hostname) !== 0) return [hostname];
  const { promise, reject } = deferred<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const looking = lookup(hostname, { all: true }).catch((cause) => {
      throw connectError(to, cause);
    });
    return interleaved(await Promise.race([looking, promise]));
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Addresses of both families in turn, beginning with the family that the system
 * prefers (RFC 8305, section 4): where one family does not work at all, the second
 * attempt is of the other.
 */
export function interleaved(found: readonly HostAddress[]): readonly string[] {
  const preferred = found[0]?.family;
  const first = found.filter(({ family }) => family === preferred);
  const second = found.filter(({ family }) => family !== preferred);
  return Array.from(found, (_, i) => [first[i], second[i]])
    .flat()
    .flatMap((one) => one === undefined ? [] : [one.address]);
}

/**
 * Connects to the first of some places that answers (RFC 8305, section 5). The next
 * attempt begins when the one before has failed, or after a delay, while that goes on.
 * When one has succeeded, the others are stopped.
 *
 * @param delayMs The delay; with `Infinity`, there is one attempt at a time.
 * @param attempt Connects. It must stop, and reject, when its signal aborts.
 * @returns Rejects with the error of the attempt that failed last.
 */
export async function connectToFirst<Place>(
  places: readonly Place[],
  delayMs: number,
  signal: AbortSignal,
  attempt: (place: Place, signal: AbortSignal) => Promise<Transport>,
): Promise<Transport> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const { promise, resolve, reject } = deferred<Transport>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let begun = 0;
  let failed = 0;
  let callOff = () => {};
  const beginNext = () => {
    callOff();
    const place = places[begun];
    if (place === undefined || stop.signal.aborted) return;
    begun++;
    callOff = after(delayMs, beginNext);
    attempt(place, stop.signal).then(
      (transport) => {
        // Two can succeed before the second is told to stop.
        if (stop.signal.aborted) return transport.abort();
        stop.abort();
        resolve(transport);
      },
      (error: unknown) => {
        if (++failed === places.length) reject(error);
        beginNext();
      },
    );
  };
  beginNext();
  try {
    return await promise;
  } finally {
    callOff();
    stop.abort(signal.reason);
    signal.removeEventListener("abort", onAbort);
  }
}
