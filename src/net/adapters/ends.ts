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

/** Every way to write the address of all interfaces: `0.0.0.0`, `::`, `::0`. */
const ALL_INTERFACES = /^[0:.]+$/;

/**
 * The address of this end. It is the address that is listened at, unless that stands
 * for several, or is none yet: then the socket is asked, which takes a system call.
 */
export function ownEnd(
  listening: Address,
  socket: {
    readonly localAddress?: string | undefined;
    readonly localPort?: number | undefined;
  },
): Address {
  if (listening.transport !== "tcp") return listening;
  const { hostname, port } = listening;
  const isOne = port > 0 && /^[\d.]+$|:/.test(hostname) &&
    !ALL_INTERFACES.test(hostname);
  return isOne
    ? listening
    : endAddress(listening, socket.localAddress, socket.localPort);
}
