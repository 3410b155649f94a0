import type { Address } from "../address.ts";

/** The address of a client before its socket is asked: only the kind is known. */
export function unnamed(address: Address): Address {
  return address.transport === "tcp"
    ? { transport: "tcp", hostname: "", port: 0 }
    : { transport: "unix", path: "" };
}

/**
 * The address of one end. For TCP it is what the runtime says, or `known` where the
 * runtime says nothing because the peer has left already.
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
