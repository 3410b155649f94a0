/**
 * A network within the process, for tests: bytes that are written to one end of a
 * connection are read at the other. Connections keep the promises of real sockets
 * and can have their faults: bytes arrive in other pieces, late, or not all. A seed
 * makes the faults reproducible.
 *
 * @module
 */
import { networkOf } from "../network.ts";
import type { Network } from "../types.ts";
import { memoryAdapter } from "./memory_adapter.ts";
import type { MemoryNetworkOptions } from "./memory_faults.ts";

export type { MemoryNetworkOptions };

/**
 * Makes a network. The addresses of one network are unknown in another.
 *
 * @example
 * ```ts
 * import { memoryNetwork } from "@framewire/framewire/net/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const network = memoryNetwork({ seed: 1, maxChunkLength: 2 });
 * await using listener = await network.listen("memory:example");
 * await using client = await network.connect("memory:example");
 * const writer = client.writable.getWriter();
 * await writer.write(Uint8Array.of(1, 2, 3, 4, 5));
 * await writer.close();
 *
 * for await (const server of listener) {
 *   const received: number[] = [];
 *   for await (const chunk of server.readable) received.push(...chunk);
 *   assertEquals(received, [1, 2, 3, 4, 5]);
 *   await server.close();
 *   break;
 * }
 * ```
 *
 * @param options The seed, and the faults.
 * @returns The network.
 * @throws {TypeError} If there is no such option.
 * @throws {RangeError} If an option is out of its range.
 */
export function memoryNetwork(options: MemoryNetworkOptions = {}): Network {
  return networkOf(memoryAdapter(options));
}
