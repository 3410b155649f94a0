import { checkCountOrInfinity, checkTimeLimit } from "../checks.ts";
import type { PeerLimits } from "./types.ts";

/** Checks the limits of a peer. */
export function checkPeerLimits(limits: PeerLimits): void {
  const { maxRequests = 1, heartbeatMs = 1, heartbeatTimeoutMs = 1 } = limits;
  checkTimeLimit("heartbeatMs", heartbeatMs);
  checkTimeLimit("heartbeatTimeoutMs", heartbeatTimeoutMs);
  checkCountOrInfinity("maxRequests", maxRequests);
}
