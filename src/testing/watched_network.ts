import type { Address } from "../net/address.ts";
import type { MemoryNetworkOptions } from "../net/adapters/memory.ts";
import { memoryAdapter } from "../net/adapters/memory_adapter.ts";
import { networkOf } from "../net/network.ts";
import type { Transport, TransportSink } from "../net/transport.ts";
import type { Network } from "../net/types.ts";

/** A network that says how it was used; made by {@linkcode watchedNetwork}. */
export interface WatchedNetwork extends Network {
  /** Both ends of all connections, in the order in which they were made. */
  readonly transports: readonly WatchedTransport[];
  /**
   * Which rules of {@linkcode Transport} were broken, and which ends were never
   * released: connections that the program has forgotten to close. Empty where all
   * is well.
   */
  violations(): string[];
}

/**
 * A network within the process whose faults come from a seed, as that of
 * `memoryNetwork`, and which finds what a program does wrong with it.
 *
 * @example A connection that is never closed
 * ```ts
 * import { watchedNetwork } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const network = watchedNetwork({ seed: 1, maxChunkLength: 2 });
 * await using listener = await network.listen("memory:example");
 * const client = await network.connect("memory:example");
 * const [server] = await Array.fromAsync(
 *   { length: 1 },
 *   () => listener[Symbol.asyncIterator]().next(),
 * );
 * client.abort();
 * assertEquals(network.violations(), ["a transport was never released"]);
 * server?.value?.abort();
 * assertEquals(network.violations(), []);
 * ```
 *
 * @param options The seed, and the faults.
 * @returns The network.
 * @throws {TypeError} If there is no such option.
 * @throws {RangeError} If an option is out of its range.
 */
export function watchedNetwork(
  options: MemoryNetworkOptions = {},
): WatchedNetwork {
  const { connect, listen } = memoryAdapter(options);
  const transports: WatchedTransport[] = [];
  const watch = (transport: Transport) => {
    const watched = new WatchedTransport(transport);
    transports.push(watched);
    return watched;
  };
  const network = networkOf({
    connect: async (to, settings) => watch(await connect(to, settings)),
    listen: (at, settings, accept, onError) =>
      listen(at, settings, (one) => accept(watch(one)), onError),
  });
  return {
    ...network,
    transports,
    violations: () =>
      transports.flatMap((transport) =>
        transport.released
          ? transport.violations
          : [...transport.violations, "a transport was never released"]
      ),
  };
}

/** A transport that finds where its user breaks the rules of {@linkcode Transport}. */
export class WatchedTransport implements Transport {
  /** Which rules were broken. */
  readonly violations: string[] = [];
  /** Whether `close` or `abort` was called. */
  released = false;
  /** What the first write or half-close that failed rejected with. */
  failure: unknown;

  readonly #transport: Transport;
  #writing = false;

  /** Watches a transport, which belongs to this one from then on. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Where this end is. */
  get localAddress(): Address {
    return this.#transport.localAddress;
  }

  /** Where the other end is. */
  get remoteAddress(): Address {
    return this.#transport.remoteAddress;
  }

  /** How many bytes have left. */
  get bytesTaken(): number {
    return this.#transport.bytesTaken;
  }

  /** Starts the delivery. */
  open(sink: TransportSink): void {
    this.#transport.open(sink);
  }

  /** Stops the delivery. */
  pause(): void {
    this.#transport.pause();
  }

  /** Goes on with the delivery. */
  resume(): void {
    this.#transport.resume();
  }

  /** Writes, where no other write is under way. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#checkSending("write");
    const written = this.#transport.write(bytes);
    if (written === undefined) return undefined;
    this.#writing = true;
    return this.#watch(written);
  }

  /** Ends this side, where no write is under way. */
  closeWrite(): Promise<void> {
    this.#checkSending("closeWrite");
    return this.#watch(this.#transport.closeWrite());
  }

  /** Releases it. */
  close(): void {
    this.released = true;
    this.#transport.close();
  }

  /** Releases it, with a reset. */
  abort(): void {
    this.released = true;
    this.#transport.abort();
  }

  #checkSending(call: string): void {
    if (this.#writing) {
      this.violations.push(`${call} was called while a write was under way`);
    }
    if (this.failure !== undefined) {
      this.violations.push(`${call} was called after a write had failed`);
    }
  }

  async #watch(promise: Promise<void>): Promise<void> {
    try {
      await promise;
    } catch (error) {
      if (!this.released) this.failure ??= error;
      throw error;
    } finally {
      this.#writing = false;
    }
  }
}
