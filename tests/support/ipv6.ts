import { networkInterfaces } from "node:os";

/** Whether this machine has the loopback address of IPv6. */
export function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).flat()
    .some((end) => end?.address === "::1");
}
