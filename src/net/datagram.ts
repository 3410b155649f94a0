import type { DatagramOptions, DatagramSocket } from "./datagram_types.ts";
import type { UdpAddressLike } from "./udp_address.ts";

/**
 * Opens a socket for datagrams (UDP) of the current runtime: an IPv6 socket if it
 * is bound to an IPv6 address, otherwise an IPv4 socket.
 *
 * @example
 * ```ts
 * import { bindDatagram } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await bindDatagram("udp://127.0.0.1:0");
 * await using client = await bindDatagram({ port: 0 });
 * await client.send(Uint8Array.of(1, 2), server.address);
 *
 * for await (const { data, from } of server) {
 *   await server.send(data.toReversed(), from);
 *   break; // leaves the socket open
 * }
 * const answer = await client.receive();
 * assertEquals(answer, { data: Uint8Array.of(2, 1), from: server.address });
 * ```
 *
 * @param address Where to receive; port 0 takes a free one. Without a host name
 * it is the loopback interface only.
 * @param options What closes it, and how much may wait.
 * @returns The socket.
 * @throws {NetError} If the address is in use, is not allowed, ...
 * @throws {TypeError} If it is not an address of UDP, or there is no such option.
 */
export async function bindDatagram(
  address: UdpAddressLike,
  options: DatagramOptions = {},
): Promise<DatagramSocket> {
  const { bindUdp } = await import("./adapters/udp.ts");
  return await bindUdp(address, options);
}
