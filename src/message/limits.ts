import type { PeerLimits } from "./types.ts";

/** Checks the limits of a peer. */
export function checkPeerLimits(limits: PeerLimits): void {
  const { maxRequests = 1, heartbeatMs = 1, heartbeatTimeoutMs = 1 } = limits;
  checkTimeLimit("heartbeatMs", heartbeatMs);
  checkTimeLimit("heartbeatTimeoutMs", heartbeatTimeoutMs);
  if (
    maxRequests !== Infinity &&
    !(Number.isSafeInteger(maxRequests) && maxRequests > 0)
  ) {
    const expected = "a whole number from 1, or Infinity";
    throw outOfRange("maxRequests", expected, maxRequests);
  }
}

/** Refuses a time limit that is not more than 0; `Infinity` means none. */
export function checkTimeLimit(name: string, ms: number): void {
  if (ms > 0) return;
  throw outOfRange(name, "more than 0 milliseconds, or Infinity", ms);
}

/** Refuses a grace time that is negative or not a number; 0 means none. */
export function checkGrace(name: string, ms: number): void {
  if (ms >= 0) return;
  throw outOfRange(name, "0 or more milliseconds", ms);
}

function outOfRange(name: string, expected: string, got: number): RangeError {
  return new RangeError(`Cannot use ${name}: expected ${expected}, got ${got}`);
}
