import { concat } from "./bytes.ts";
import { deferred } from "./deferred.ts";
import type { Transport, TransportSink } from "./transport.ts";

/** What a connection began with, and how long that was. */
export interface Opening<T> {
  readonly value: T;
  readonly length: number;
}

/** How to read what connections begin with. */
export interface OpeningFormat<T> {
  /**
   * Reads it out of the bytes that have arrived.
   *
   * @param before How many of the bytes had arrived at the call before.
   * @returns `undefined` while it is not whole.
   * @throws If it is none, or too long.
   */
  read(bytes: Uint8Array, before: number): Opening<T> | undefined;
  /** The error of a peer that ends the connection before it is whole. */
  ended(): Error;
}

/** Reads what a connection begins with, and hands on what is behind it. */
export class OpeningReader<T> implements TransportSink {
  readonly #transport: Transport;
  readonly #format: OpeningFormat<T>;
  readonly #opening = deferred<T>();
  #bytes = new Uint8Array(0);
  #isDone = false;
  /** What came behind it, for the sink to come. */
  readonly #rest: ((sink: TransportSink) => void)[] = [];
  #sink: TransportSink | undefined;

  /** Opens a transport, which belongs to the reader from then on. */
  constructor(transport: Transport, format: OpeningFormat<T>) {
    this.#transport = transport;
    this.#format = format;
    // It is not awaited where the handshake has failed before.
    this.#opening.promise.catch(() => undefined);
    transport.open(this);
  }

  /**
   * What the connection began with. The transport is paused then.
   *
   * @throws What the format throws; the error of the transport if it broke.
   */
  get opening(): Promise<T> {
    return this.#opening.promise;
  }

  /** Gives what has come behind it, and all that follows, to a sink. */
  deliverTo(sink: TransportSink): void {
    this.#sink = sink;
    for (const event of this.#rest.splice(0)) event(sink);
  }

  data(chunk: Uint8Array): void {
    if (this.#isDone) return this.#handOn((sink) => sink.data(chunk));
    const before = this.#bytes.length;
    const bytes = this.#bytes = concat([this.#bytes, chunk]);
    let length: number;
    try {
      const opening = this.#format.read(bytes, before);
      if (opening === undefined) return;
      this.#opening.resolve(opening.value);
      length = opening.length;
    } catch (error) {
      this.#opening.reject(error);
      length = bytes.length;
    }
    this.#isDone = true;
    this.#transport.pause();
    this.#bytes = new Uint8Array(0);
    const rest = bytes.slice(length);
    if (rest.length > 0) this.#handOn((sink) => sink.data(rest));
  }

  end(): void {
    this.#opening.reject(this.#format.ended());
    this.#handOn((sink) => sink.end());
  }

  fail(error: unknown): void {
    this.#opening.reject(error);
    this.#handOn((sink) => sink.fail(error));
  }

  #handOn(event: (sink: TransportSink) => void): void {
    if (this.#sink === undefined) this.#rest.push(event);
    else event(this.#sink);
  }
}
