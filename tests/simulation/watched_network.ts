import { memoryAdapter } from "../../src/net/adapters/memory_adapter.ts";
import type { MemoryNetworkOptions } from "../../src/net/adapters/memory.ts";
import type { Address } from "../../src/net/address.ts";
import { networkOf } from "../../src/net/network.ts";
import type { Transport, TransportSink } from "../../src/net/transport.ts";
import type { Network } from "../../src/net/types.ts";

/** A network, and all that was asked of its transports. */
export interface WatchedNetwork extends Network {
  /** Both ends of all connections, in the order in which they were made. */
  readonly transports: readonly WatchedTransport[];
  /** Which rules of `Transport` were broken, and which ends are left over. */
  faults(): string[];
}

/** A network in memory whose transports are watched. */
export function watchedNetwork(options: MemoryNetworkOptions): WatchedNetwork {
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
    faults: () =>
      transports.flatMap((transport) =>
        transport.released
          ? transport.faults
          : [...transport.faults, "a transport was never released"]
      ),
  };
}

/** A transport that checks how it is used. */
export class WatchedTransport implements Transport {
  readonly faults: string[] = [];
  /** Whether `close` or `abort` was called. */
  released = false;
  /** What the first write or half-close that failed rejected with. */
  failure: unknown;

  readonly #transport: Transport;
  #writing = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get localAddress(): Address {
    return this.#transport.localAddress;
  }

  get remoteAddress(): Address {
    return this.#transport.remoteAddress;
  }

  get bytesTaken(): number {
    return this.#transport.bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#transport.open(sink);
  }

  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#checkSending("write");
    const written = this.#transport.write(bytes);
    if (written === undefined) return undefined;
    this.#writing = true;
    return this.#watch(written);
  }

  closeWrite(): Promise<void> {
    this.#checkSending("closeWrite");
    return this.#watch(this.#transport.closeWrite());
  }

  close(): void {
    this.released = true;
    this.#transport.close();
  }

  abort(): void {
    this.released = true;
    this.#transport.abort();
  }

  #checkSending(call: string): void {
    if (this.#writing) {
      this.faults.push(`${call} was called while a write was under way`);
    }
    if (this.failure !== undefined) {
      this.faults.push(`${call} was called after a write had failed`);
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
