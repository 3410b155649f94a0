import type { JsonValue } from "../codec/views/json.ts";
import { type Deferred, deferred } from "../net/deferred.ts";

/** The items of a stream that have arrived, for the one who iterates. */
export class ItemQueue {
  readonly #items: JsonValue[] = [];
  #waiting: Deferred<JsonValue | undefined> | undefined;
  #ended = false;
  #failure: unknown;

  push(item: JsonValue): void {
    if (this.#waiting === undefined) this.#items.push(item);
    else this.#take().resolve(item);
  }

  end(): void {
    this.#ended = true;
    if (this.#waiting !== undefined) this.#take().resolve(undefined);
  }

  fail(error: unknown): void {
    this.#failure = error;
    if (this.#waiting !== undefined) this.#take().reject(error);
  }

  /** The next item; `undefined` at the end. What came before a failure is given. */
  next(): Promise<JsonValue | undefined> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(undefined);
    this.#waiting = deferred();
    return this.#waiting.promise;
  }

  #take(): Deferred<JsonValue | undefined> {
    const waiting = this.#waiting!;
    this.#waiting = undefined;
    return waiting;
  }
}
