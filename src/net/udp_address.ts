import { type AddressLike, formatAddress, type UdpAddress } from "./address.ts";
import { checkAddress, notAnAddress } from "./check_address.ts";
import { parseAddress } from "./parse_address.ts";

/**
 * The address of a datagram socket as it may be given: a string
 * (`"udp://127.0.0.1:2000"`, `"udp://[::1]:2000"`), or an object in which the
 * transport and the host name may be left out. The host name is `"127.0.0.1"`
 * where none is given.
 */
export type UdpAddressLike = string | {
  readonly transport?: "udp";
  readonly hostname?: string;
  readonly port: number;
};

/** Any scheme: `localhost:2000` has none. */
const SCHEME = /^[a-z]+:(?!\d)/i;

/**
 * Reads the address of a datagram socket.
 *
 * @throws {TypeError} If it is not one.
 */
export function parseUdpAddress(address: UdpAddressLike): UdpAddress {
  if (typeof address === "string" && !SCHEME.test(address)) {
    throw notAnAddress(address, "udp");
  }
  checkAddress(address);
  const parsed = parseAddress(
    typeof address === "string"
      ? address
      : { transport: "udp", ...address } satisfies AddressLike,
  );
  if (parsed.transport !== "udp") {
    throw new TypeError(
      `Cannot use the address ${
        formatAddress(parsed)
      } for datagrams: expected "udp://host:port"`,
    );
  }
  return parsed;
}
