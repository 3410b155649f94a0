import { after } from "../net/timer.ts";

/**
 * One timer for many time limits: it rings at the earliest that it was set for,
 * or before that, and is to be set again then. It stays set when nothing is left
 * to wait for, since that costs less than a timer each.
 */
export class Alarm {
  readonly #ring: () => void;
  #callOff: () => void = () => undefined;
  #at = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Has it ring at a time of `performance.now()`, if not earlier. */
  set(at: number): void {
    if (at >= this.#at) return;
    this.#callOff();
    this.#at = at;
    this.#callOff = after(Math.max(at - performance.now(), 0), () => {
      this.#at = Infinity;
      this.#ring();
    });
  }

  clear(): void {
    this.#callOff();
    this.#at = Infinity;
  }
}
