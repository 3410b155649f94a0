import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";

/** A request or an event that waits for a connection. */
export interface Waiting {
  /** The command or the event, for errors. */
  readonly name: string;
  /** How long it may take in all, for errors. */
  readonly timeoutMs: number;
  /** When that time is over, as a time of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly fail: (error: unknown) => void;
}

/** What waits for a connection, in order: at most so many, each within its time. */
export class OfflineQueue<T extends Waiting> {
  readonly #most: number;
  /** The timer and the listener of each are called off by the function. */
  readonly #waiting = new Map<T, () => void>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Adds one that fails when its time is over, its signal aborts, or there is no room. */
  add(one: T): void {
    const { name, timeoutMs, deadline, signal } = one;
    if (signal?.aborted) return one.fail(signal.reason);
    if (this.#waiting.size >= this.#most) {
      return one.fail(
        new NetError(
          "SEND_BUFFER_FULL",
          `"${name}" was not sent: there is no connection, and ${this.#most} requests and events wait for one (maxQueued)`,
          { limit: "maxQueued" },
        ),
      );
    }
    const giveUp = (error: unknown) => {
      this.#remove(one);
      one.fail(error);
    };
    const onAbort = () => giveUp(signal?.reason);
    const callOff = after(
      Math.max(deadline - performance.now(), 0),
      () =>
        giveUp(
          new NetError(
            "TIMED_OUT",
            `"${name}" was not sent: there was no connection in ${timeoutMs} ms (timeoutMs)`,
            { limit: "timeoutMs" },
          ),
        ),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiting.set(one, () => {
      callOff();
      signal?.removeEventListener("abort", onAbort);
    });
  }

  /** Hands over what waits, in order, as long as it is taken. */
  drain(take: (one: T) => boolean): void {
    for (const one of [...this.#waiting.keys()]) {
      // One that was handed over before may have aborted the signal of this one.
      if (!this.#waiting.has(one)) continue;
      if (!take(one)) return;
      this.#remove(one);
    }
  }

  /** Fails all that wait. */
  failAll(errorOf: (one: T) => unknown): void {
    for (const one of [...this.#waiting.keys()]) {
      this.#remove(one);
      one.fail(errorOf(one));
    }
  }

  #remove(one: T): void {
    this.#waiting.get(one)?.();
    this.#waiting.delete(one);
  }
}
