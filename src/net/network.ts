import {
  type Address,
  type AddressLike,
  formatAddress,
  parseAddress,
} from "./address.ts";
import { SocketConnection } from "./connection.ts";
import { NetError } from "./errors.ts";
import type { Acceptor, Adapter } from "./socket.ts";
import type {
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  Network,
} from "./types.ts";

/** How long connecting may take where nothing else is said: 10 seconds. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Makes a network of what an adapter offers. */
export function networkOf(adapter: Adapter): Network {
  return {
    connect: (address, options = {}) => connectWith(adapter, address, options),
    listen: (address, options = {}) => listenWith(adapter, address, options),
  };
}

async function connectWith(
  adapter: Adapter,
  address: AddressLike,
  options: ConnectOptions,
): Promise<Connection> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const to = parseAddress(address);
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => {
    stop.abort(
      new NetError(
        "TIMED_OUT",
        `Cannot connect to ${formatAddress(to)}: no answer in ${timeoutMs} ms`,
      ),
    );
  }, timeoutMs);
  try {
    return new SocketConnection(
      await adapter.connect(to, { signal: stop.signal }),
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function listenWith(
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
