import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { closedError, transferError } from "./runtime_errors.ts";

/** The part of a connection of Deno that is used here. */
export interface DenoConn {
  read(into: Uint8Array): Promise<number | null>;
  /** Resolves with how many bytes were taken: not always all. */
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

/** A connection of Deno as a transport. A loop reads, and pushes what it has read. */
export class DenoTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #conn: DenoConn;
  readonly #delivery = new Delivery();
  #bytesTaken = 0;
  #closed = false;
  #failure: unknown;
  /** Whether nothing can be read any more. */
  #readEnded = false;
  /** Settles when delivery may go on. */
  #paused: Deferred<void> | undefined;

  /** Takes over a connection. */
  constructor(conn: DenoConn, local: Address, remote: Address) {
    this.#conn = conn;
    this.localAddress = local;
    this.remoteAddress = remote;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    void this.#read();
  }

  pause(): void {
    this.#paused ??= deferred();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return bytes.length === 0 ? undefined : this.#write(bytes);
  }

  async closeWrite(): Promise<void> {
    if (this.#closed) throw closedError();
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#conn.closeWrite();
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#delivery.stop();
    this.#conn.close();
    this.resume();
  }

  /**
   * Deno's connections have no reset (no `SO_LINGER`, nothing like
   * `resetAndDestroy`) and shut their writing side down before they close, so the
   * peer sees a FIN. Where it has sent what was not read here, the system sends a
   * reset after that.
   */
  abort(): void {
    this.close();
  }

  async #read(): Promise<void> {
    const buffer = new ReadBuffer();
    // The sink is told nothing before `open` has returned.
    await undefined;
    while (!this.#closed) {
      if (this.#paused !== undefined) {
        await this.#paused.promise;
        continue;
      }
      let length: number | null;
      try {
        length = await this.#conn.read(buffer.next());
      } catch (cause) {
        this.#failure ??= transferError(cause);
        break;
      }
      if (length === null) break;
      this.#delivery.data(buffer.take(length));
    }
    this.#readEnded = true;
    if (this.#failure === undefined) this.#delivery.end();
    else this.#delivery.fail(this.#failure);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    try {
      do {
        const taken = await this.#conn.write(rest);
        this.#bytesTaken += taken;
        rest = rest.subarray(taken);
      } while (rest.length > 0);
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Handles a failed write. The bytes that have arrived are still read. */
  #failed(cause: unknown): unknown {
    if (this.#closed) return closedError();
    this.#failure ??= transferError(cause);
    // After this turn: whoever wrote is told first.
    if (this.#readEnded) {
      queueMicrotask(() => this.#delivery.fail(this.#failure));
    }
    return this.#failure;
  }
}
