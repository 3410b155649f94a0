import type { AddressLike } from "./address.ts";
import { runtimeNetwork } from "./adapters/select.ts";
import type { Listener, ListenOptions } from "./types.ts";

/**
 * Listens for connections, with the sockets of the current runtime.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using listener = await listen("tcp://127.0.0.1:0");
 * await using client = await connect(listener.address);
 * for await (const connection of listener) {
 *   assertEquals(connection.remoteAddress, client.localAddress);
 *   await connection.close();
 *   break; // closes the listener
 * }
 * ```
 *
 * @param address Where to listen; port 0 takes a free one. Without a host name
 * it is the loopback interface only.
 * @param options What closes it, and how the system treats its connections.
 * @returns The listener.
 * @throws {NetError} If the address is in use, is not allowed, ...
 * @throws {TypeError} If it is not an address to listen on, there is no such option,
 * or an option cannot be honoured there.
 */
export async function listen(
  address: AddressLike,
  options: ListenOptions = {},
): Promise<Listener> {
  return await (await runtimeNetwork()).listen(address, options);
}
