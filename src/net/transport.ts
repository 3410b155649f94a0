import type { Address } from "./address.ts";

/** What a {@linkcode Transport} delivers to: the program's side of it. */
export interface TransportSink {
  /**
   * Takes the next bytes from the peer, at least one. They belong to the sink:
   * the transport does not write to them again.
   */
  data(chunk: Uint8Array): void;
  /** Says that the peer has closed its side (half-close): no more bytes come. */
  end(): void;
  /**
   * Says that the connection broke. Nothing follows, and `closeWrite` and `write`
   * reject from then on.
   *
   * @param error A `NetError`: `CONNECTION_RESET` where the peer reset it.
   */
  fail(error: unknown): void;
}

/**
 * A byte stream in both directions, as the least that any runtime or program can
 * offer: it pushes what arrives into a sink, and holds no policy. Time limits,
 * the order of closing and errors of the format are the business of what is
 * built on it.
 *
 * The rules, which `@framewire/framewire/testing` tests:
 *
 * - `open` is called once. No sink method is called before `open` has returned.
 * - The sink is told of `end` or `fail` once each, `end` never after `fail`, and
 *   no `data` after either. All bytes that arrived before an end or a reset are
 *   delivered before it is told. A `fail` may follow an `end`.
 * - After `close` or `abort` the sink is told nothing more. Both can be called at
 *   any time, also from inside the sink, and again.
 * - A peer that goes away while the transport is not paused is noticed, whether
 *   or not anything is written.
 */
export interface Transport {
  /** Where this end is. */
  readonly localAddress: Address;
  /** Where the other end is. */
  readonly remoteAddress: Address;
  /**
   * How many bytes the system has taken, those of a write under way included as
   * far as that is known: what a time limit on writing measures progress by.
   */
  readonly bytesTaken: number;
  /** Starts delivery to a sink. */
  open(sink: TransportSink): void;
  /**
   * Holds delivery back, so that the system holds back the peer. What was read
   * already may still be delivered: at most one chunk.
   */
  pause(): void;
  /** Goes on with delivery, never from inside this call. */
  resume(): void;
  /**
   * Writes all the bytes. Only one write may be under way at a time.
   *
   * @returns `undefined` where the system has taken them: the buffer is the
   * caller's again. Otherwise a promise that resolves when it has; until then the
   * bytes must not change. It rejects with a `NetError` when the connection
   * broke, or was closed or aborted here. A failed write does not end delivery:
   * what has arrived is still delivered, and then the sink is told of `fail`.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Half-close: tells the peer, after all that was written, that no more bytes
   * will come. Delivery goes on. Not called while a write is under way.
   */
  closeWrite(): Promise<void>;
  /**
   * Releases the transport; what was written before is still delivered to the
   * peer, as far as the system can.
   */
  close(): void;
  /**
   * Releases the transport with a reset, where that can be sent: the peer must
   * not take a cut message for a whole one. Bytes not yet sent are dropped.
   */
  abort(): void;
}
