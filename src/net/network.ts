import {
  type Address,
  type AddressLike,
  formatAddress,
  parseAddress,
} from "./address.ts";
import { SocketConnection } from "./connection.ts";
import { NetError } from "./errors.ts";
import type { Acceptor, Adapter, Socket } from "./socket.ts";
import { tcpSettings } from "./tcp_settings.ts";
import { after } from "./timer.ts";
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
  const settings = tcpSettings(options, to);
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const callOff = after(timeoutMs, () => {
    stop.abort(
      new NetError(
        "TIMED_OUT",
        `Cannot connect to ${formatAddress(to)}: no answer in ${timeoutMs} ms`,
      ),
    );
  });
  try {
    return new SocketConnection(
      await adapter.connect(to, { ...settings, signal: stop.signal }),
    );
  } finally {
    callOff();
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
  const settings = tcpSettings(options, at);
  signal?.throwIfAborted();
  return new AcceptingListener(await adapter.listen(at, settings), signal);
}

class AcceptingListener implements Listener {
  readonly #acceptor: Acceptor;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #accepting: Promise<Socket | null> | undefined;
  #closing: Promise<void> | undefined;

  constructor(acceptor: Acceptor, signal: AbortSignal | undefined) {
    this.#acceptor = acceptor;
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get address(): Address {
    return this.#acceptor.address;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Connection> {
    try {
      while (true) {
        this.#accepting = this.#acceptor.accept();
        const socket = await this.#accepting;
        if (socket === null) return;
        yield new SocketConnection(socket);
      }
    } finally {
      await this.close();
    }
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#acceptor.close();
    // Only then has the runtime let go of the socket, and of its file.
    await this.#accepting;
  }
}
