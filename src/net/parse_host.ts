import { shown } from "../checks.ts";
import { HOSTNAME } from "../defaults.ts";

/**
 * Reads the host name and the port of an address.
 *
 * @throws {TypeError} If the port is none.
 */
export function parseHost(
  hostname: string | undefined,
  port: number | undefined,
): { readonly hostname: string; readonly port: number } {
  if (
    port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535
  ) {
    const isText = typeof port === "string" && /^\d+$/.test(port);
    const instead = isText ? `; write port: ${port}` : "";
    throw new TypeError(
      `Cannot read the address: expected a port from 0 to 65535, got ${
        shown(port)
      }${instead}`,
    );
  }
  // An empty name would be all interfaces to some runtimes.
  return { hostname: hostname || HOSTNAME, port };
}
