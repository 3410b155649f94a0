/** The ways by which each conversation with a program of others is run. */

import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { TransportConnection } from "../../src/net/connection.ts";
import type { Connection, Transport } from "../../src/net/mod.ts";
import { relay, type RelayFaults } from "../../src/testing/mod.ts";
import { Direction } from "../../src/testing/relay_direction.ts";

/** Where a server listens. */
export interface TcpPlace {
  readonly hostname: string;
  readonly port: number;
}

/** The place to connect to, in that of the server. */
export interface Route extends AsyncDisposable {
  readonly address: TcpPlace;
}

/** A way from a client to a server. */
export class Way {
  /** What is done to the bytes, for the name of a test. */
  readonly name: string;
  readonly #faults: RelayFaults | undefined;

  constructor(name: string, faults?: RelayFaults) {
    this.name = name;
    this.#faults = faults;
  }

  /**
   * Opens the way to a server, of ours or of others.
   *
   * @param only The one direction whose bytes something is done to, where a program of
   * others does not bear it in the other.
   */
  async to(
    { hostname, port }: TcpPlace,
    only?: "toServer" | "toClient",
  ): Promise<Route> {
    const faults = this.#faults;
    if (faults === undefined) {
      return { address: { hostname, port }, [Symbol.asyncDispose]: nothing };
    }
    const open = await relay({
      to: { hostname, port },
      address: { hostname, port: 0 },
      ...(only !== "toClient" && { toServer: faults }),
      ...(only !== "toServer" && { toClient: faults }),
    });
    if (open.address.transport !== "tcp") throw new TypeError("Not over TCP");
    return {
      address: { hostname, port: open.address.port },
      [Symbol.asyncDispose]: () => open.close(),
    };
  }

  /**
   * Leads to a child process, through its standard streams. When the child process
   * fails, the connection is reset.
   */
  async over(child: Transport): Promise<Connection> {
    const server = new TransportConnection(child);
    const faults = this.#faults;
    if (faults === undefined) return server;
    const network = memoryNetwork();
    await using listener = await network.listen("memory:way");
    const accepted = listener[Symbol.asyncIterator]().next();
    const client = await network.connect("memory:way");
    const { value: between } = await accepted;
    const pass = (from: Connection, to: Connection) =>
      new Direction(faults, 0, Promise.resolve()).pass(from, to);
    void Promise.all([pass(between, server), pass(server, between)]).then(() =>
      Promise.all([between.close(), server.close()])
    );
    return client;
  }
}

/**
 * All ways. Byte by byte, a megabyte takes a minute: conversations are to be shorter.
 */
export const ways: readonly Way[] = [
  new Way("as it comes"),
  new Way("byte by byte", { maxChunkLength: 1 }),
  new Way("glued together", { gatherMs: 20 }),
];

async function nothing(): Promise<void> {}
