import { Delivery } from "../adapters/delivery.ts";
import type { Address } from "../address.ts";
import type { Transport, TransportSink } from "../transport.ts";

/** A connection behind the header of a proxy, with the address of the client. */
export class ProxiedTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly #below: Transport;
  readonly #delivery = new Delivery();
  /** Has what came behind the header, and all that follows, delivered to a sink. */
  readonly #deliverTo: (sink: TransportSink) => void;
  #opened = false;
  #started = false;
  #paused = false;

  /** Takes a connection that is open and paused. */
  constructor(
    below: Transport,
    deliverTo: (sink: TransportSink) => void,
    remoteAddress: Address,
  ) {
    this.#below = below;
    this.#deliverTo = deliverTo;
    this.localAddress = below.localAddress;
    this.remoteAddress = remoteAddress;
  }

  get bytesTaken(): number {
    return this.#below.bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    if (!this.#paused) this.#start();
  }

  pause(): void {
    this.#paused = true;
    this.#below.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#started) this.#below.resume();
    else if (this.#opened) this.#start();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.#below.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#below.closeWrite();
  }

  close(): void {
    this.#delivery.stop();
    this.#below.close();
  }

  abort(): void {
    this.#delivery.stop();
    this.#below.abort();
  }

  /** In a later turn: the sink must not be called before `open` has returned. */
  #start(): void {
    queueMicrotask(() => {
      if (this.#paused || this.#started) return;
      this.#started = true;
      this.#deliverTo(this.#delivery);
      if (!this.#paused && !this.#delivery.stopped) this.#below.resume();
    });
  }
}
