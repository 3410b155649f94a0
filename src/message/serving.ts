import type { EnvelopeHeader } from "./envelope.ts";

/** The part of a peer that a request of the other side uses. */
interface WithContext {
  readonly context: unknown;
}

/**
 * A request of the other side while its handler is at work. It is also the second
 * argument of the handler.
 *
 * @typeParam P The peer.
 */
export class Serving<P extends WithContext> {
  readonly id: number;
  readonly command: string;
  /** The peer that has received the request. */
  readonly peer: P;
  /** How many more items may be sent; `undefined` where one reply is wanted. */
  credit: number | undefined;
  /** What came with the request. */
  readonly header: EnvelopeHeader | undefined;
  /** When it began, for its counters. */
  readonly since: number;
  /** How long the handler has been at work without a reply, where that is limited. */
  workedMs = 0;
  /** Whether it took longer than it may. */
  timedOut = false;
  /** Whether the handler has given its reply, or its stream. */
  replied = false;
  /** Whether the reply is not wanted any more. */
  aborted = false;
  /** Why it is not. */
  reason: unknown = undefined;

  #controller: AbortController | undefined;
  #wake: (() => void) | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    id: number,
    command: string,
    peer: P,
    credit: number | undefined,
    header: EnvelopeHeader | undefined,
    since: number,
  ) {
    this.id = id;
    this.command = command;
    this.peer = peer;
    this.credit = credit;
    this.header = header;
    this.since = since;
  }

  /** The context of the connection. */
  get context(): P["context"] {
    return this.peer.context;
  }

  /** Made when it is first used: most handlers never look at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#controller?.abort(reason);
    this.#wake?.();
    this.#onAbort?.();
  }

  addCredit(count: number): void {
    if (this.credit === undefined) return;
    this.credit += count;
    this.#wake?.();
  }

  /** Waits for a promise; gives `undefined` once the request is aborted. */
  orAborted<T>(waiting: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#onAbort = () => resolve(undefined);
      Promise.resolve(waiting).then(resolve, reject);
    });
  }

  /** Waits until an item may be sent, or the request is aborted. */
  async room(): Promise<void> {
    while (this.credit === 0 && !this.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
