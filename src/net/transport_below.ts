import type { Address } from "./address.ts";
import type { Transport, TransportSink } from "./transport.ts";

/** The transport of a channel, for the one that is laid over it. */
export class TransportBelow implements Transport, TransportSink {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly #transport: Transport;
  #sink: TransportSink | undefined;
  /** What came before the other one was there. */
  #early: Uint8Array[] = [];
  #over: ((sink: TransportSink) => void) | undefined;

  /** Takes the transport, which the channel has opened. */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.localAddress = transport.localAddress;
    this.remoteAddress = transport.remoteAddress;
  }

  get bytesTaken(): number {
    return this.#transport.bytesTaken;
  }

  open(sink: TransportSink): void {
    // The sink must not be called before `open` has returned.
    queueMicrotask(() => {
      this.#sink = sink;
      for (const chunk of this.#early) sink.data(chunk);
      this.#over?.(sink);
    });
  }

  data(chunk: Uint8Array): void {
    if (this.#sink === undefined) this.#early.push(chunk);
    else this.#sink.data(chunk);
  }

  end(): void {
    this.#tell((sink) => sink.end());
  }

  fail(error: unknown): void {
    this.#tell((sink) => sink.fail(error));
  }

  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.#transport.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#transport.closeWrite();
  }

  close(): void {
    this.#transport.close();
  }

  abort(): void {
    this.#transport.abort();
  }

  #tell(event: (sink: TransportSink) => void): void {
    if (this.#sink === undefined) this.#over = event;
    else event(this.#sink);
  }
}
