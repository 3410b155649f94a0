import { type Address, type AddressLike, parseAddress } from "./address.ts";
import { runtimeAdapter } from "./adapters/select.ts";
import { SocketConnection } from "./connection.ts";
import type { Acceptor, Adapter } from "./socket.ts";
import type { Connection, Listener } from "./types.ts";

/** Options of {@linkcode listen}. */
export interface ListenOptions {
  /** Closes the listener. */
  signal?: AbortSignal;
}

/**
 * Listens for connections, by the means of the runtime that this runs on.
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
 * @param options What closes it.
 * @returns The listener.
 * @throws {NetError} If the address is in use, is not allowed, ...
 * @throws {TypeError} If it is not an address.
 */
export async function listen(
  address: AddressLike,
  options: ListenOptions = {},
): Promise<Listener> {
  return await listenWith(await runtimeAdapter(), address, options);
}

/** Listens by the means of an adapter. */
export async function listenWith(
  adapter: Adapter,
  address: AddressLike,
  options: ListenOptions,
): Promise<Listener> {
  const { signal } = options;
  const at = parseAddress(address);
  signal?.throwIfAborted();
  const listener = new AcceptingListener(await adapter.listen(at));
  const close = () => void listener.close();
  if (signal?.aborted) close();
  signal?.addEventListener("abort", close, { once: true });
  return listener;
}

class AcceptingListener implements Listener {
  readonly #acceptor: Acceptor;
  #closed = false;

  constructor(acceptor: Acceptor) {
    this.#acceptor = acceptor;
  }

  get address(): Address {
    return this.#acceptor.address;
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#acceptor.close();
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Connection> {
    try {
      while (true) {
        const socket = await this.#acceptor.accept();
        if (socket === null) return;
        yield new SocketConnection(socket);
      }
    } finally {
      await this.close();
    }
  }
}
