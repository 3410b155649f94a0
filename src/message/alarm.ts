import { after } from "../net/timer.ts";
import { afterSockets } from "../net/after_sockets.ts";

/** How often an alarm lets the sockets be read before it rings. */
const MOST_TURNS = 16;

/**
 * One timer for many deadlines. It rings at the earliest of them, or before that,
 * and must then be set again. It is not cancelled when a deadline is dropped: one
 * timer for all costs less than one timer for each.
 *
 * Before it rings, it lets the sockets be read: when the program has blocked the
 * event loop, a reply that has arrived in time must not count as late.
 */
export class Alarm {
  readonly #progress: () => number;
  readonly #ring: () => void;
  #callOff: () => void = () => undefined;
  #at = Infinity;

  /**
   * @param progress A count that grows with every message that arrives: as long
   * as it grows, there may be more in the socket.
   * @param ring Called when a deadline may have passed.
   */
  constructor(progress: () => number, ring: () => void) {
    this.#progress = progress;
    this.#ring = ring;
  }

  /** Sets a deadline, as a time of `performance.now()`. */
  set(at: number): void {
    if (at >= this.#at) return;
    this.#callOff();
    this.#at = at;
    this.#callOff = after(
      Math.max(at - performance.now(), 0),
      () => this.#due(at),
    );
  }

  /** Drops all deadlines. */
  clear(): void {
    this.#callOff();
    this.#at = Infinity;
  }

  #due(at: number): void {
    let before = -1;
    let turns = 0;
    const turn = () => {
      // Meanwhile the alarm was cleared, or set to an earlier deadline.
      if (this.#at !== at) return;
      const progress = this.#progress();
      if (progress !== before && turns++ < MOST_TURNS) {
        before = progress;
        this.#callOff = afterSockets(turn);
        return;
      }
      this.#at = Infinity;
      this.#ring();
    };
    turn();
  }
}
