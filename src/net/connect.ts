import type { AddressLike } from "./address.ts";
import { runtimeNetwork } from "./adapters/select.ts";
import type { Transport } from "./transport.ts";
import type { Connection, ConnectOptions } from "./types.ts";

/**
 * Connects to a listening socket, with the sockets of the current runtime. TCP
 * connections have `noDelay` set by default. In browsers there are WebSockets only.
 *
 * A host name with several addresses: on Deno and Node, the next address is tried as
 * well when one has not answered after 250 ms, and the first that answers is taken
 * (Happy Eyeballs, RFC 8305). On Bun, the next address is tried when one has failed.
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
 * @param options How long it may take, and how the system treats the connection.
 * @returns The connection.
 * @throws {NetError} If no process listens there, the time limit has passed, or a
 * handshake of TLS or WebSocket fails.
 * @throws {RangeError} If `timeoutMs` is not more than 0.
 * @throws {TypeError} If it is not an address to connect to, there is no such
 * option, or an option cannot be honoured there.
 */
export async function connect(
  address: AddressLike,
  options: ConnectOptions = {},
): Promise<Connection> {
  return await (await runtimeNetwork()).connect(address, options);
}

/** Connects for frames, which need no streams: a transport is enough. */
export async function connectForFrames(
  address: AddressLike,
  options: ConnectOptions,
): Promise<Connection | Transport> {
  return await connect(address, options);
}
