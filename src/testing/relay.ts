import { checkOptions, type OptionKinds } from "../checks.ts";
import { randomNumbers } from "../net/adapters/memory_faults.ts";
import type { Address, AddressLike } from "../net/address.ts";
import { connect } from "../net/connect.ts";
import { deferred } from "../net/deferred.ts";
import { listen } from "../net/listen.ts";
import { parseAddress } from "../net/parse_address.ts";
import type { Connection, Listener } from "../net/types.ts";
import { Direction, type DirectionWatcher } from "./relay_direction.ts";
import { checkFaults, type RelayFaults } from "./relay_faults.ts";

/** Options of {@linkcode relay}. */
export interface RelayOptions {
  /** Where the server listens that clients are connected to. */
  to: AddressLike;
  /**
   * Where the relay listens.
   *
   * @default {{ port: 0 }}
   */
  address?: AddressLike;
  /**
   * The seed of all random decisions. How a system cuts what is sent, and when it
   * arrives, is not in it: for that, take a network in memory.
   *
   * @default {0}
   */
  seed?: number;
  /** What is done to the bytes of clients. */
  toServer?: RelayFaults;
  /** What is done to the bytes of the server. */
  toClient?: RelayFaults;
}

/** A relay that is listening; made by {@linkcode relay}. */
export interface Relay extends AsyncDisposable {
  /** Where clients connect to, with the actual port. */
  readonly address: Address;
  /** Resets all connections through it. New ones can be made. */
  reset(): void;
  /** Stops listening, and resets all connections through it. */
  close(): Promise<void>;
}

const kinds: OptionKinds<RelayOptions> = {
  to: "checked",
  address: "checked",
  seed: "checked",
  toServer: "checked",
  toClient: "checked",
};

/**
 * Stands between clients and a server, over real sockets, and spoils what they send
 * each other. The end and the reset of either side go on to the other. Where the
 * relay runs on Deno, which cannot reset a connection, the other side may see an end
 * in place of a reset.
 *
 * @example A client that gets its bytes one by one
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { relay } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   (connection) => connection.forEach((line) => connection.send(`> ${line}`)),
 * );
 * await using between = await relay({
 *   to: server.address,
 *   toClient: { maxChunkLength: 1 },
 * });
 * await using client = await createClient({
 *   address: between.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * assertEquals(await client.receive(), "> hello");
 * ```
 *
 * @param options The server, and what is done in each direction.
 * @returns The relay, which listens.
 * @throws {NetError} If it cannot listen there.
 * @throws {TypeError} If an address is none, or there is no such option.
 * @throws {RangeError} If an option is out of its range; it is named.
 */
export async function relay(options: RelayOptions): Promise<Relay> {
  checkOptions("relay", options, kinds);
  const { to, address = { port: 0 }, seed = 0 } = options;
  const { toServer = {}, toClient = {} } = options;
  checkFaults(toServer);
  checkFaults(toClient);
  parseAddress(to);
  return new ListeningRelay(await listen(address), {
    to,
    toServer,
    toClient,
    random: randomNumbers(seed),
  });
}

/** The settings of a relay, and who watches the bytes that it passes on. */
interface RelaySettings {
  readonly to: AddressLike;
  readonly toServer: RelayFaults;
  readonly toClient: RelayFaults;
  readonly random: () => number;
  /** Makes those who watch the two directions of one more connection. */
  readonly watch?: () => Readonly<
    Record<"toServer" | "toClient", DirectionWatcher>
  >;
}

/** A relay, for those who build on it. */
export class ListeningRelay implements Relay {
  readonly #listener: Listener;
  readonly #settings: RelaySettings;
  readonly #connections = new Set<Connection>();
  readonly #closing = deferred<void>();
  readonly #running: Promise<void>;

  constructor(listener: Listener, settings: RelaySettings) {
    this.#listener = listener;
    this.#settings = settings;
    this.#running = this.#run();
  }

  get address(): Address {
    return this.#listener.address;
  }

  reset(): void {
    for (const connection of this.#connections) connection.abort();
  }

  async close(): Promise<void> {
    this.#closing.resolve();
    await this.#listener.close();
    this.reset();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    const relaying = new Set<Promise<void>>();
    for await (const client of this.#listener) {
      const one = this.#relay(client);
      relaying.add(one);
      void one.then(() => relaying.delete(one));
    }
    await Promise.all(relaying);
  }

  async #relay(client: Connection): Promise<void> {
    const { to, toServer, toClient, random, watch } = this.#settings;
    const closing = this.#closing.promise;
    const watchers = watch?.();
    // Each connection has its own numbers, in the order in which they are made.
    const [seedUp, seedDown] = [random() * 2 ** 32, random() * 2 ** 32];
    const up = new Direction(toServer, seedUp, closing, watchers?.toServer);
    const down = new Direction(toClient, seedDown, closing, watchers?.toClient);
    this.#connections.add(client);
    const server = await connect(to).catch(() => undefined);
    if (server === undefined) client.abort();
    else {
      this.#connections.add(server);
      await Promise.all([up.pass(client, server), down.pass(server, client)]);
      await Promise.all([client.close(), server.close()]);
      this.#connections.delete(server);
    }
    this.#connections.delete(client);
  }
}
