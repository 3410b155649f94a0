import type { Address } from "../address.ts";

/** The address of a client's end, as far as it is known without its socket. */
export function unnamed(address: Address): Address {
  return address.transport === "tcp"
    ? { transport: "tcp", hostname: "", port: 0 }
    : { transport: "unix", path: "" };
}

/**
 * The address of an end: for TCP what the runtime says, which is nothing where
 * the peer has gone already.
 */
export function endAddress(
  known: Address,
  hostname: string | undefined,
  port: number | undefined,
): Address {
  return known.transport === "tcp"
    ? {
      transport: "tcp",
      hostname: hostname ?? known.hostname,
      port: port ?? known.port,
    }
    : known;
}
