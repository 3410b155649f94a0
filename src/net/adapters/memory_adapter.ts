import type { Acceptor, Adapter } from "../adapter.ts";
import { type Address, formatAddress } from "../address.ts";
import { NetError } from "../errors.ts";
import type { Transport } from "../transport.ts";
import {
  checkFaults,
  Faults,
  type MemoryNetworkOptions,
  randomNumbers,
} from "./memory_faults.ts";
import { MemoryTransport } from "./memory_transport.ts";
import { addressError } from "./runtime_errors.ts";

/** Makes the adapter of a memory network. */
export function memoryAdapter(options: MemoryNetworkOptions): Adapter {
  checkFaults(options);
  const random = randomNumbers(options.seed ?? 0);
  const calls = { count: 0, failing: options.failCall };
  const listeners = new Map<string, (transport: Transport) => void>();
  let clients = 0;
  return {
    async connect(to, { signal }): Promise<Transport> {
      const name = memoryName(to);
      const from: Address = {
        transport: "memory",
        name: `${name}#${++clients}`,
      };
      const toServer = new Faults(options, random(), calls);
      const toClient = new Faults(options, random(), calls);
      await new Promise<void>((resolve) => toServer.delay(resolve));
      signal.throwIfAborted();
      const accept = listeners.get(name);
      if (accept === undefined) {
        throw new NetError(
          "CONNECTION_REFUSED",
          `Cannot connect to ${formatAddress(to)}: nobody listens there`,
        );
      }
      const client = new MemoryTransport(from, to, toServer);
      accept(new MemoryTransport(to, from, toClient, client));
      return client;
    },

    // deno-lint-ignore require-await -- so that a wrong address rejects
    async listen(at, _settings, accept): Promise<Acceptor> {
      const name = memoryName(at);
      if (listeners.has(name)) {
        throw new NetError(
          "ADDRESS_IN_USE",
          `Cannot listen on ${formatAddress(at)}: the name is in use already`,
        );
      }
      listeners.set(name, accept);
      return {
        address: at,
        close() {
          listeners.delete(name);
          return Promise.resolve();
        },
      };
    },
  };
}

function memoryName(address: Address): string {
  if (address.transport !== "memory") {
    throw addressError(address, '"memory:name"');
  }
  return address.name;
}
