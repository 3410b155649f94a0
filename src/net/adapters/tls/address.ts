import type { Address } from "../../address.ts";

/** The address of a connection with TLS, by that of the connection below. */
export function tlsAddress(below: Address): Address {
  return below.transport === "tcp" ? { ...below, transport: "tls" } : below;
}
