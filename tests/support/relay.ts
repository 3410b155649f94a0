/** A relay that stands between a client and a server and spoils the bytes. */

import { setImmediate, setTimeout } from "node:timers";
import {
  type Address,
  type AddressLike,
  connect,
  type Connection,
  listen,
  type Listener,
} from "../../mod.ts";

/**
 * What is done to the bytes of one direction: nothing, or each is written by
 * itself, or all that comes without a pause is written at once.
 */
export type Spoiling = "none" | "cut" | "glued";

/** What is done to the bytes of both directions. */
export interface RelayOptions {
  readonly toServer: Spoiling;
  readonly toClient: Spoiling;
}

/** How long nothing must come before what is held back is written. */
const PAUSE_MS = 20;

/** A relay that is listening; made by {@linkcode relay}. */
export class Relay implements AsyncDisposable {
  readonly #listener: Listener;
  readonly #connections = new Set<Connection>();
  readonly #running: Promise<void>;

  /** Use {@linkcode relay}. */
  constructor(listener: Listener, to: AddressLike, options: RelayOptions) {
    this.#listener = listener;
    this.#running = this.#run(to, options);
  }

  /** Where clients connect to. */
  get address(): Address {
    return this.#listener.address;
  }

  /** Ends it, and all connections through it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    for (const connection of this.#connections) connection.abort();
    await this.#running;
  }

  async #run(to: AddressLike, options: RelayOptions): Promise<void> {
    const relaying: Promise<unknown>[] = [];
    for await (const client of this.#listener) {
      relaying.push(this.#relay(client, to, options));
    }
    await Promise.all(relaying);
  }

  async #relay(
    client: Connection,
    to: AddressLike,
    { toServer, toClient }: RelayOptions,
  ): Promise<void> {
    this.#connections.add(client);
    const server = await connect(to);
    this.#connections.add(server);
    // An end, or a failure, of either goes on to the other.
    await Promise.allSettled([
      client.readable.pipeThrough(spoiler(toServer)).pipeTo(server.writable),
      server.readable.pipeThrough(spoiler(toClient)).pipeTo(client.writable),
    ]);
    await Promise.all([client.close(), server.close()]);
    this.#connections.delete(client);
    this.#connections.delete(server);
  }
}

/**
 * Listens, and relays to a server.
 *
 * @param to The server.
 * @param options What is done to the bytes.
 */
export async function relay(
  to: AddressLike,
  options: RelayOptions,
): Promise<Relay> {
  return new Relay(await listen({ port: 0 }), to, options);
}

type Spoiler = TransformStream<Uint8Array, Uint8Array>;

function spoiler(how: Spoiling): Spoiler {
  switch (how) {
    case "none":
      return new TransformStream();
    case "cut":
      return new TransformStream({
        async transform(bytes, controller) {
          for (const byte of bytes) {
            controller.enqueue(Uint8Array.of(byte));
            // So that the other side can read before the next one is there.
            await new Promise<void>((resolve) => setImmediate(resolve));
          }
        },
      });
    case "glued":
      return glue();
  }
}

function glue(): Spoiler {
  let held: number[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (
    controller: TransformStreamDefaultController<Uint8Array>,
  ): void => {
    clearTimeout(timer);
    if (held.length > 0) controller.enqueue(Uint8Array.from(held));
    held = [];
  };
  return new TransformStream({
    transform(bytes, controller) {
      held.push(...bytes);
      clearTimeout(timer);
      timer = setTimeout(() => flush(controller), PAUSE_MS);
    },
    flush,
  });
}
