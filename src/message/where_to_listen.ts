import type { Backplane } from "../backplane/types.ts";
import { listenForNodes } from "../backplane/node_sessions.ts";
import type { Address, AddressLike } from "../net/address.ts";
import { BoundedQueue } from "../net/bounded_queue.ts";
import { listen } from "../net/listen.ts";
import type { ServerCertificates } from "../net/tls_types.ts";
import type { Connection, Listener, Network } from "../net/types.ts";

/** The options of a server that say where it listens. */
interface Places {
  readonly address?: AddressLike;
  readonly network?: Pick<Network, "listen">;
  readonly backplane?: Backplane;
  readonly service?: string;
  readonly tls?: unknown;
  readonly webSocket?: unknown;
  readonly proxyProtocol?: unknown;
}

/** The subject that the nodes of a service serve. */
export function subjectOf(service: string): string {
  return `service:${service}`;
}

/**
 * Where a server listens, for `serve`: at a socket, for the nodes of a backplane, or for
 * both.
 *
 * @throws {TypeError} If it is nowhere, or one of `backplane` and `service` is missing.
 */
export function whereToListen(
  places: Places,
): { address: AddressLike; network?: Pick<Network, "listen"> } {
  const { address, network, backplane, service } = places;
  if (backplane === undefined || service === undefined) {
    if (backplane !== undefined || service !== undefined) {
      const [given, missing] = service === undefined
        ? ["backplane", "service"]
        : ["service", "backplane"];
      throw new TypeError(`Cannot use ${given} without ${missing}`);
    }
    // What is no address is refused where it is read.
    return { address: address as AddressLike, ...(network && { network }) };
  }
  const { nodeId } = backplane;
  if (address === undefined) {
    for (const option of ["tls", "webSocket", "proxyProtocol"] as const) {
      if (places[option] === undefined) continue;
      throw new TypeError(`Cannot use ${option} without address`);
    }
    return {
      address: { transport: "node", nodeId },
      network: {
        listen: (_, { onError } = {}) =>
          Promise.resolve(
            listenForNodes(backplane, subjectOf(service), onError),
          ),
      },
    };
  }
  return {
    address,
    network: {
      async listen(at, options = {}) {
        const sockets = await (network?.listen ?? listen)(at, options);
        try {
          const { onError } = options;
          const nodes = listenForNodes(backplane, subjectOf(service), onError);
          return new BothListeners(sockets, nodes);
        } catch (error) {
          await sockets.close();
          throw error;
        }
      },
    },
  };
}

/** A listener at a socket and one for nodes, as one. */
class BothListeners implements Listener {
  readonly address: Address;
  readonly #sockets: Listener;
  readonly #nodes: Listener;

  constructor(sockets: Listener, nodes: Listener) {
    this.address = sockets.address;
    this.#sockets = sockets;
    this.#nodes = nodes;
  }

  setCertificate(certificates: ServerCertificates): void {
    this.#sockets.setCertificate(certificates);
  }

  async close(): Promise<void> {
    await Promise.all([this.#nodes.close(), this.#sockets.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Connection> {
    // A server takes each connection at once, so none waits here.
    const connections = new BoundedQueue<Connection>({
      highWaterMark: Infinity,
      sizeOf: () => 0,
    });
    const takeAll = async (listener: Listener) => {
      for await (const connection of listener) connections.push(connection);
    };
    Promise.all([takeAll(this.#sockets), takeAll(this.#nodes)]).then(
      () => connections.end(),
      (error) => connections.fail(error),
    );
    try {
      for (
        let next = await connections.next();
        next !== undefined;
        next = await connections.next()
      ) yield next;
    } finally {
      await this.close();
    }
  }
}
