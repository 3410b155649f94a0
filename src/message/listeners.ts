import { checkKind } from "../checks.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { type Deferred, deferred, isPromise } from "../net/deferred.ts";

/** A listener of any event. */
export type AnyListener<Context> = (
  body: JsonValue,
  context: Context,
) => unknown;

/** What the listeners of a peer need. */
export interface ListenersOptions<Context> {
  /** How many listeners may be at work. */
  readonly most: number;
  /** The second argument of the listeners. */
  readonly context: Context;
  /** Called when fewer than `most` listeners are at work again. */
  readonly onRoom: () => void;
  readonly onError: (error: unknown, name: string) => void;
}

/** The listeners of a peer, by the names of their events. */
export class Listeners<Context> {
  readonly #options: ListenersOptions<Context>;
  readonly #byName = new Map<string, Set<AnyListener<Context>>>();
  /** How many listeners have returned a promise that has not settled. */
  #atWork = 0;
  #idle: Deferred<void> | undefined;

  constructor(options: ListenersOptions<Context>) {
    this.#options = options;
  }

  /** Whether `most` listeners are at work. */
  get isFull(): boolean {
    return this.#atWork >= this.#options.most;
  }

  /** Waits until the listeners at work have ended. */
  async drain(): Promise<void> {
    if (this.#atWork === 0) return;
    this.#idle ??= deferred();
    await this.#idle.promise;
  }

  /** Adds a listener; returns what removes it. */
  add(name: string, listener: AnyListener<Context>): () => void {
    checkKind("the listener", listener, "function");
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byName.get(name) === listeners) {
        this.#byName.delete(name);
      }
    };
  }

  /** Calls the listeners of an event. */
  notify(name: string, body: JsonValue): void {
    const listeners = this.#byName.get(name);
    if (listeners === undefined) return;
    const { context, onError } = this.#options;
    // A copy: listeners that are added by a listener do not get this event.
    for (const listener of [...listeners]) {
      try {
        const result = listener(body, context);
        if (isPromise(result)) this.#wait(result, name);
      } catch (error) {
        onError(error, name);
      }
    }
  }

  #wait(result: PromiseLike<unknown>, name: string): void {
    const { onError, onRoom } = this.#options;
    this.#atWork++;
    const done = () => {
      const wasFull = this.isFull;
      this.#atWork--;
      if (wasFull && !this.isFull) onRoom();
      if (this.#atWork === 0) this.#idle?.resolve();
    };
    result.then(done, (error: unknown) => {
      onError(error, name);
      done();
    });
  }
}
