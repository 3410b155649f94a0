import type { TransportSink } from "../transport.ts";

/**
 * Calls the sink of a transport by the rules: `end` and `fail` once each, no `data`
 * after either, and no call after the transport was released.
 */
export class Delivery {
  #sink: TransportSink | undefined;
  #ended = false;
  #failed = false;
  #stopped = false;

  /** Whether `end` or `fail` of the sink was called. */
  get over(): boolean {
    return this.#ended || this.#failed;
  }

  /** Whether no method of the sink will be called. */
  get stopped(): boolean {
    return this.#stopped || this.#failed;
  }

  /** Takes the sink. */
  open(sink: TransportSink): void {
    if (this.#sink !== undefined) {
      throw new TypeError("Cannot open the transport: it is open already");
    }
    this.#sink = sink;
  }

  /** Delivers a chunk. */
  data(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.over || this.#stopped) return;
    this.#sink?.data(chunk);
  }

  /** Tells of the peer's end. */
  end(): void {
    if (this.over || this.#stopped) return;
    this.#ended = true;
    this.#sink?.end();
  }

  /** Tells that the connection broke. */
  fail(error: unknown): void {
    if (this.#failed || this.#stopped) return;
    this.#failed = true;
    this.#sink?.fail(error);
  }

  /** Stops all calls: the transport was released. */
  stop(): void {
    this.#stopped = true;
  }
}
