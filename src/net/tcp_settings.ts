import { type Address, formatAddress } from "./address.ts";
import type { TcpOptions } from "./types.ts";

/** The settings of a TCP connection, with defaults filled in. */
export type TcpSettings = Readonly<Required<TcpOptions>>;

/** Node and Bun count whole seconds; what they do with less is not defined. */
const MIN_KEEP_ALIVE_MS = 1_000;

/**
 * Reads the options of TCP connections.
 *
 * @throws {TypeError} If an option has the wrong type, or is not a default and the
 * address is not one of TCP.
 * @throws {RangeError} If the delay is too short.
 */
export function tcpSettings(
  options: TcpOptions,
  address: Address,
): TcpSettings {
  const { noDelay = true, keepAlive = false } = options;
  if (typeof keepAlive === "number") {
    if (!Number.isFinite(keepAlive) || keepAlive < MIN_KEEP_ALIVE_MS) {
      throw new RangeError(
        `Cannot use keepAlive: expected at least ${MIN_KEEP_ALIVE_MS} ms, got ${keepAlive}`,
      );
    }
  } else if (typeof keepAlive !== "boolean") {
    throw new TypeError(
      `Cannot use keepAlive: expected a boolean or milliseconds, got ${keepAlive}`,
    );
  }
  if (address.transport !== "tcp" && (!noDelay || keepAlive !== false)) {
    throw new TypeError(
      `Cannot use ${noDelay ? "keepAlive" : "noDelay"} with ${
        formatAddress(address)
      }: only TCP connections have it`,
    );
  }
  return { noDelay, keepAlive };
}
