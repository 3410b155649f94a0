import type { Address } from "./address.ts";
import type { TlsInfo } from "./tls_types.ts";

/** The receiver of what a {@linkcode Transport} delivers. */
export interface TransportSink {
  /**
   * Takes the next bytes from the peer, at least one. They belong to the sink:
   * the transport does not write to them again.
   */
  data(chunk: Uint8Array): void;
  /** Says that the peer has closed its side (half-close): no more bytes come. */
  end(): void;
  /**
   * Says that the connection broke. No call follows, and `write` and `closeWrite`
   * of the transport reject from then on.
   *
   * @param error A `NetError`: `CONNECTION_RESET` where the peer reset it.
   */
  fail(error: unknown): void;
}

/**
 * A byte stream in both directions, as the least that any runtime or program can
 * offer: it pushes what arrives into a sink, and has no policy. Time limits, the
 * order of closing and errors of the format belong to the layers above.
 *
 * The rules, which `transportTests` of `@framewire/framewire/testing` tests:
 *
 * - `open` is called once. No sink method is called before `open` has returned.
 * - `end` and `fail` are called at most once each, and `data` after neither. All
 *   bytes that arrived before an end or a reset are delivered first. `fail` may
 *   follow `end`, but `end` never follows `fail`.
 * - After `close` or `abort`, no sink method is called. Both can be called at any
 *   time, also from inside the sink, and more than once.
 * - A peer that goes away while the transport is not paused is noticed, whether
 *   or not anything is written.
 *
 * @example A transport of your own: a connection within the process
 * ```ts
 * import {
 *   type Address,
 *   NetError,
 *   type Transport,
 *   type TransportSink,
 * } from "@framewire/framewire/net";
 * import { transportTests } from "@framewire/framewire/testing";
 *
 * // One end of a connection within the process; `peer` is the other.
 * class Pipe implements Transport {
 *   readonly localAddress: Address = { transport: "memory", name: "pipe" };
 *   readonly remoteAddress: Address = this.localAddress;
 *   bytesTaken = 0;
 *   peer: Pipe = this;
 *   // What the sink is to be told, in order.
 *   #events: ((sink: TransportSink) => void)[] = [];
 *   #sink: TransportSink | undefined;
 *   #paused = false;
 *   #ended = false;
 *   #released = false;
 *   #failure: NetError | undefined;
 *   // Rejects the write under way.
 *   #reject: ((error: NetError) => void) | undefined;
 *
 *   open(sink: TransportSink): void {
 *     this.#sink = sink;
 *     this.#tell();
 *   }
 *
 *   pause(): void {
 *     this.#paused = true;
 *   }
 *
 *   resume(): void {
 *     this.#paused = false;
 *     this.#tell();
 *   }
 *
 *   write(bytes: Uint8Array): Promise<void> | undefined {
 *     if (this.peer.#released) this.#fail("CONNECTION_RESET");
 *     if (this.#failure !== undefined) return Promise.reject(this.#failure);
 *     if (bytes.length === 0) return undefined;
 *     // Resolves when it is delivered, so that one chunk at most is held.
 *     return new Promise((resolve, reject) => {
 *       this.#reject = reject;
 *       this.peer.#tell((sink) => {
 *         this.#reject = undefined;
 *         this.bytesTaken += bytes.length;
 *         sink.data(bytes.slice());
 *         resolve();
 *       });
 *     });
 *   }
 *
 *   closeWrite(): Promise<void> {
 *     if (this.#failure !== undefined) return Promise.reject(this.#failure);
 *     if (!this.#ended) this.peer.#tell((sink) => sink.end());
 *     this.#ended = true;
 *     return Promise.resolve();
 *   }
 *
 *   close(): void {
 *     const cut = this.#reject !== undefined || this.peer.#reject !== undefined;
 *     if (cut) return this.abort();
 *     if (!this.#released) this.closeWrite().catch(() => undefined);
 *     this.#release();
 *   }
 *
 *   abort(): void {
 *     if (!this.#released) this.peer.#fail("CONNECTION_RESET");
 *     this.#release();
 *   }
 *
 *   // Tells the sink in a turn of its own, unless it is paused.
 *   #tell(event?: (sink: TransportSink) => void): void {
 *     if (event !== undefined) this.#events.push(event);
 *     queueMicrotask(() => {
 *       while (this.#sink !== undefined && !this.#paused) {
 *         const next = this.#events.shift();
 *         if (next === undefined) return;
 *         next(this.#sink);
 *       }
 *     });
 *   }
 *
 *   #fail(code: "CONNECTION_RESET" | "CONNECTION_CLOSED"): void {
 *     if (this.#failure !== undefined) return;
 *     const error = new NetError(code, "The pipe is broken");
 *     this.#failure = error;
 *     this.#reject?.(error);
 *     this.#tell((sink) => sink.fail(error));
 *   }
 *
 *   #release(): void {
 *     this.#released = true;
 *     this.#sink = undefined;
 *     this.#failure = undefined;
 *     this.#fail("CONNECTION_CLOSED");
 *     this.#events = [];
 *   }
 * }
 *
 * function pair(): { a: Transport; b: Transport } {
 *   const [a, b] = [new Pipe(), new Pipe()];
 *   a.peer = b;
 *   b.peer = a;
 *   return { a, b };
 * }
 *
 * for (const { run } of transportTests(pair, { resets: true })) await run();
 * ```
 */
export interface Transport {
  /** Where this end is. */
  readonly localAddress: Address;
  /** Where the other end is. */
  readonly remoteAddress: Address;
  /** What was agreed on in the TLS handshake, if there was one. */
  readonly tls?: TlsInfo | undefined;
  /**
   * How many bytes the system has taken, including those of a write under way as
   * far as that is known. Time limits on writing measure progress by it.
   */
  readonly bytesTaken: number;
  /** Starts delivery to a sink. */
  open(sink: TransportSink): void;
  /**
   * Stops delivery, so that the system exerts backpressure on the peer. At most one
   * chunk that was read already may still be delivered.
   */
  pause(): void;
  /** Resumes delivery, in a later turn and never from inside this call. */
  resume(): void;
  /**
   * Writes all the bytes. Only one write may be under way at a time.
   *
   * @returns `undefined` if the system has taken them: the caller may use the
   * buffer again. Otherwise a promise that resolves when it has; until then the
   * bytes must not change. The promise rejects with a `NetError` when the
   * connection broke, or was closed or aborted here. A failed write does not end
   * delivery: the bytes that have arrived are delivered, and then `fail` is called.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Half-close: tells the peer, after everything that was written, that no more
   * bytes will come. Delivery goes on. Not called while a write is under way.
   */
  closeWrite(): Promise<void>;
  /**
   * Releases the transport. The system still delivers what was written before, if
   * it can.
   */
  close(): void;
  /**
   * Releases the transport with a reset, where there is one, so that the peer does
   * not take a cut message for a whole one. Unsent bytes are dropped.
   */
  abort(): void;
}
