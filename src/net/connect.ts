import type { AddressLike } from "./address.ts";
import { runtimeNetwork } from "./adapters/select.ts";
import type { Connection, ConnectOptions } from "./types.ts";

/**
 * Connects to a listening socket, by the means of the runtime that this runs
 * on. TCP connections have `noDelay` set where nothing else is said.
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
 * @param options What stops it, and how the system treats the connection.
 * @returns The connection.
 * @throws {NetError} If nobody listens there, the time limit has passed, ...
 * @throws {TypeError} If it is not an address to connect to, or an option cannot
 * be honoured there.
 */
export async function connect(
  address: AddressLike,
  options: ConnectOptions = {},
): Promise<Connection> {
  return await (await runtimeNetwork()).connect(address, options);
}
