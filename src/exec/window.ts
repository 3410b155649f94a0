import { type Deferred, deferred } from "../net/deferred.ts";

/** How many bytes may be on their way in one direction of a run: 256 KiB. */
export const WINDOW_LENGTH = 262_144;

/**
 * The flow control of one direction of a run: how many bytes may be sent before
 * the other side acknowledges some. Each run has its own window, so that a run
 * whose output is not read does not block the others on the connection.
 */
export class Window {
  #left = WINDOW_LENGTH;
  #closed = false;
  readonly #waiting: Deferred<void>[] = [];

  /**
   * Waits for room and takes up to `most` bytes of it, in the order of the
   * calls; 0 when there will be no more.
   */
  async take(most: number): Promise<number> {
    while (this.#left === 0 && !this.#closed) {
      const turn = deferred<void>();
      this.#waiting.push(turn);
      await turn.promise;
    }
    if (this.#closed) return 0;
    const taken = Math.min(most, this.#left);
    this.#left -= taken;
    // The next in line gets the rest.
    if (this.#left > 0) this.#waiting.shift()?.resolve();
    return taken;
  }

  /** Gives back room; `false` for more than was taken. */
  give(count: number): boolean {
    if (this.#left + count > WINDOW_LENGTH) return false;
    this.#left += count;
    this.#waiting.shift()?.resolve();
    return true;
  }

  /** Ends all waiting. */
  close(): void {
    this.#closed = true;
    for (const turn of this.#waiting.splice(0)) turn.resolve();
  }
}
