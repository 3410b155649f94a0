/**
 * A request of the other side while its handler is at work: what the handler is
 * given beside the body.
 *
 * @typeParam P What asks.
 */
export class Serving<P> {
  readonly id: number;
  readonly command: string;
  /** Who asks. */
  readonly peer: P;
  /** How many more items may be sent; `undefined` where one reply is wanted. */
  credit: number | undefined;

  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;
  #wake: (() => void) | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    id: number,
    command: string,
    peer: P,
    credit: number | undefined,
  ) {
    this.id = id;
    this.command = command;
    this.peer = peer;
    this.credit = credit;
  }

  /** Made when first asked for: most handlers are done before anyone would. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether nobody waits for the reply any more. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Why, then. */
  get reason(): unknown {
    return this.#reason;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#wake?.();
    this.#onAbort?.();
  }

  addCredit(count: number): void {
    if (this.credit === undefined) return;
    this.credit += count;
    this.#wake?.();
  }

  /** Waits for something; gives `undefined` when nobody wants it any more. */
  orAborted<T>(waiting: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#onAbort = () => resolve(undefined);
      Promise.resolve(waiting).then(resolve, reject);
    });
  }

  /** Waits until an item may be sent, or nobody wants it any more. */
  async room(): Promise<void> {
    while (this.credit === 0 && !this.#aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
