import { type AddressLike, formatAddress, parseAddress } from "./address.ts";
import { runtimeAdapter } from "./adapters/select.ts";
import { SocketConnection } from "./connection.ts";
import { NetError } from "./errors.ts";
import type { Adapter } from "./socket.ts";
import type { Connection } from "./types.ts";

/** How long connecting may take where nothing else is said: 10 seconds. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Options of {@linkcode connect}. */
export interface ConnectOptions {
  /** Stops connecting; `connect` then rejects with its reason. */
  signal?: AbortSignal;
  /**
   * How long connecting may take, in milliseconds.
   *
   * @default {10_000}
   */
  timeoutMs?: number;
}

/**
 * Connects to a listening socket, by the means of the runtime that this runs
 * on. TCP connections have `noDelay` set.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using listener = await listen({ port: 0 });
 * await using connection = await connect(listener.address);
 * assertEquals(connection.remoteAddress, listener.address);
 * ```
 *
 * @param address Where to connect to.
 * @param options What stops it.
 * @returns The connection.
 * @throws {NetError} If nobody listens there, the time limit has passed, ...
 * @throws {TypeError} If it is not an address.
 */
export async function connect(
  address: AddressLike,
  options: ConnectOptions = {},
): Promise<Connection> {
  return await connectWith(await runtimeAdapter(), address, options);
}

/** Connects by the means of an adapter. */
export async function connectWith(
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
