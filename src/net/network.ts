import { checkOptions, checkTimeLimit } from "../checks.ts";
import { CONNECT_TIMEOUT_MS, MAX_WAITING_CONNECTIONS } from "../defaults.ts";
import type { Acceptor, Adapter } from "./adapter.ts";
import {
  type Address,
  type AddressLike,
  formatAddress,
  parseAddress,
} from "./address.ts";
import { TransportConnection } from "./connection.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { NetError } from "./errors.ts";
import { connectKinds, listenKinds } from "./option_kinds.ts";
import { report } from "./report.ts";
import { tcpSettings } from "./tcp_settings.ts";
import { after } from "./timer.ts";
import type { Transport } from "./transport.ts";
import type {
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  Network,
} from "./types.ts";

/** Makes the network of an adapter. */
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
  checkOptions("connect", options, connectKinds);
  const { signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  checkTimeLimit("timeoutMs", timeoutMs);
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
    return new TransportConnection(
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
  checkOptions("listen", options, listenKinds);
  const { signal, onError } = options;
  const at = parseAddress(address);
  const settings = tcpSettings(options, at);
  signal?.throwIfAborted();
  const waiting = new WaitingConnections();
  const acceptor = await adapter.listen(
    at,
    settings,
    (transport) => waiting.push(transport),
    (error) => report(error, () => onError?.(error)),
  );
  return new AcceptingListener(acceptor, waiting, signal);
}

/** The accepted connections that wait for the iteration, or the other way round. */
class WaitingConnections {
  readonly #transports: Transport[] = [];
  readonly #takers: Deferred<Transport | null>[] = [];
  #closed = false;

  push(transport: Transport): void {
    if (this.#closed) return transport.abort();
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve(transport);
    if (this.#transports.length < MAX_WAITING_CONNECTIONS) {
      this.#transports.push(transport);
    } else transport.abort();
  }

  /** The next connection; `null` after `close`. */
  take(): Promise<Transport | null> {
    const transport = this.#transports.shift();
    if (transport !== undefined) return Promise.resolve(transport);
    if (this.#closed) return Promise.resolve(null);
    const taker = deferred<Transport | null>();
    this.#takers.push(taker);
    return taker.promise;
  }

  close(): void {
    this.#closed = true;
    // No iteration will take these.
    for (const transport of this.#transports.splice(0)) transport.abort();
    for (const taker of this.#takers.splice(0)) taker.resolve(null);
  }
}

class AcceptingListener implements Listener {
  readonly #acceptor: Acceptor;
  readonly #waiting: WaitingConnections;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #closing: Promise<void> | undefined;

  constructor(
    acceptor: Acceptor,
    waiting: WaitingConnections,
    signal: AbortSignal | undefined,
  ) {
    this.#acceptor = acceptor;
    this.#waiting = waiting;
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
        const transport = await this.#waiting.take();
        if (transport === null) return;
        yield new TransportConnection(transport);
      }
    } finally {
      await this.close();
    }
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const released = this.#acceptor.close();
    this.#waiting.close();
    await released;
  }
}
