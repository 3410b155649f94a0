import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { Transport } from "../../transport.ts";

/** What happens below TLS that is no byte. */
export interface DuplexUser {
  /** The peer has closed its side. No end of the stream follows: TLS has its own. */
  ended(): void;
  /** The connection broke, or a write failed. */
  failed(error: unknown): void;
  /** TLS has ended its side. */
  finishing?(): void;
}

/**
 * A transport as a stream of Node, for `node:tls`. What ends it is told to its user
 * and not to the stream, which would drop what TLS has not decrypted yet. The user also
 * closes the transport: some runtimes destroy the stream as soon as TLS has ended.
 */
export class TransportDuplex extends Duplex {
  readonly transport: Transport;
  user: DuplexUser | undefined;
  #held = false;
  #whenTaken: (() => void) | undefined;

  /** Opens a transport, which belongs to the stream from then on. */
  constructor(transport: Transport) {
    super({ allowHalfOpen: true });
    this.transport = transport;
    transport.open({
      data: ({ buffer, byteOffset, byteLength }) => {
        const chunk = Buffer.from(buffer, byteOffset, byteLength);
        if (!this.push(chunk)) transport.pause();
      },
      end: () => this.user?.ended(),
      fail: (error) => this.user?.failed(error),
    });
  }

  /** Stops reading. Not all runtimes stop when the stream of TLS is paused. */
  hold(): void {
    this.#held = true;
    this.transport.pause();
  }

  /** Reads again. */
  letGo(): void {
    this.#held = false;
    this.transport.resume();
  }

  override _read(): void {
    if (!this.#held) this.transport.resume();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error) => void,
  ): void {
    const { buffer, byteOffset, byteLength } = chunk;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const taken = this.transport.write(bytes);
    if (taken === undefined) return this.#written(done);
    taken.then(
      () => this.#written(done),
      (error) => this.user?.failed(error),
    );
  }

  /**
   * Calls back when all that TLS has written has been taken below. Bun says of its
   * writes that they are done before that.
   */
  whenTaken(run: () => void): void {
    if (this.writableLength === 0) run();
    else this.#whenTaken = run;
  }

  #written(done: () => void): void {
    done();
    if (this.writableLength > 0) return;
    const run = this.#whenTaken;
    this.#whenTaken = undefined;
    run?.();
  }

  override _final(done: (error?: Error) => void): void {
    this.user?.finishing?.();
    this.transport.closeWrite()
      .then(() => done(), (error) => this.user?.failed(error));
  }
}
