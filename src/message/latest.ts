import { type Deferred, deferred } from "../net/deferred.ts";

/**
 * A value that changes, for readers that may be slow: each gets the newest value, and
 * none that was replaced in the meantime. It holds one value for all readers.
 */
export class Latest<T> {
  #value: T;
  #version = 0;
  #isLast = false;
  #changed: Deferred<void> = deferred();

  constructor(value: T) {
    this.#value = value;
  }

  /** The newest value. */
  get value(): T {
    return this.#value;
  }

  /** Sets the value; no other follows where it is the last one. */
  set(value: T, isLast: boolean = false): void {
    if (this.#isLast || value === this.#value) return;
    this.#value = value;
    this.#version++;
    this.#isLast = isLast;
    this.#changed.resolve();
    this.#changed = deferred();
  }

  /** The value now, and those that follow, up to the last one. */
  async *values(): AsyncGenerator<T, void, void> {
    let seen = -1;
    while (true) {
      if (seen !== this.#version) {
        seen = this.#version;
        yield this.#value;
      } else if (this.#isLast) {
        return;
      } else {
        await this.#changed.promise;
      }
    }
  }
}
