/**
 * A network within the process, for tests: what is written to one end is read
 * at the other, with the promises of real sockets and, where asked for, their
 * whims: bytes that come in other pieces, late, or not to the end. The seed
 * decides on all of it, so that a failure can be seen again.
 *
 * @module
 */
import { type Address, formatAddress } from "../address.ts";
import { NetError } from "../errors.ts";
import { networkOf } from "../network.ts";
import type { Acceptor, Adapter, Socket } from "../socket.ts";
import type { Network } from "../types.ts";
import {
  checkOptions,
  Faults,
  type MemoryNetworkOptions,
  randomNumbers,
} from "./memory_faults.ts";
import { MemorySocket } from "./memory_socket.ts";
import { PushedAcceptor } from "./pushed_acceptor.ts";
import { addressError } from "./runtime_errors.ts";

export type { MemoryNetworkOptions };

/**
 * Makes a network of its own: an address of one is unknown in another.
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
 * @throws {RangeError} If an option is out of its range.
 */
export function memoryNetwork(options: MemoryNetworkOptions = {}): Network {
  return networkOf(memoryAdapter(options));
}

function memoryAdapter(options: MemoryNetworkOptions): Adapter {
  checkOptions(options);
  const random = randomNumbers(options.seed ?? 0);
  const acceptors = new Map<string, PushedAcceptor>();
  let clients = 0;
  return {
    async connect(to, { signal }): Promise<Socket> {
      const name = memoryName(to);
      const from: Address = {
        transport: "memory",
        name: `${name}#${++clients}`,
      };
      const toServer = new Faults(options, random());
      const toClient = new Faults(options, random());
      await new Promise<void>((resolve) => toServer.delay(resolve));
      signal.throwIfAborted();
      const acceptor = acceptors.get(name);
      if (acceptor === undefined) {
        throw new NetError(
          "CONNECTION_REFUSED",
          `Cannot connect to ${formatAddress(to)}: nobody listens there`,
        );
      }
      const client = new MemorySocket(from, to, toServer);
      acceptor.push(new MemorySocket(to, from, toClient, client));
      return client;
    },

    listen(at): Promise<Acceptor> {
      const name = memoryName(at);
      if (acceptors.has(name)) {
        return Promise.reject(
          new NetError(
            "ADDRESS_IN_USE",
            `Cannot listen on ${formatAddress(at)}: the name is in use already`,
          ),
        );
      }
      const acceptor = new PushedAcceptor(at, () => acceptors.delete(name));
      acceptors.set(name, acceptor);
      return Promise.resolve(acceptor);
    },
  };
}

function memoryName(address: Address): string {
  if (address.transport !== "memory") {
    throw addressError(address, '"memory:name"');
  }
  return address.name;
}
