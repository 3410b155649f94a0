import type { AddressLike } from "./address.ts";
import { runtimeNetwork } from "./adapters/select.ts";
import type { Connection, ConnectOptions } from "./types.ts";

/**
 * Connects to a listening socket, by the means of the runtime that this runs
 * on. TCP connections have `noDelay` set.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using listener = await listen({ port: 0 });
 * await using connection = await connect(listener.address);
 * assertEquals(connection.remoteAddress, listener.address);
 * ```
 *
 * @param address Where to connect to.
 * @param options What stops it.
 * @returns The connection.
 * @throws {NetError} If nobody listens there, the time limit has passed, ...
 * @throws {TypeError} If it is not an address.
 */
export async function connect(
  address: AddressLike,
  options: ConnectOptions = {},
): Promise<Connection> {
  return await (await runtimeNetwork()).connect(address, options);
}
