import { tickerFor, type Timed } from "../../src/net/ticker.ts";
import { turn } from "./scripted_transport.ts";

/**
 * Stands in for the timer that a time limit is counted by: its time passes when
 * the test says so.
 */
export class HandTicker implements Disposable {
  /** Those that the timer would be told of. */
  readonly members: Set<Timed> = new Set<Timed>();
  readonly #ticker: ReturnType<typeof tickerFor>;

  /** Takes the place of `tickerFor(limitMs)`. */
  constructor(limitMs: number) {
    this.#ticker = tickerFor(limitMs);
    Object.assign(this.#ticker, {
      add: (member: Timed) => void this.members.add(member),
      delete: (member: Timed) => void this.members.delete(member),
    });
  }

  /** Lets time pass, in steps, with a turn for the program after each. */
  async pass(ms: number, stepMs: number = ms): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (const member of this.members) member.tick(stepMs);
      await turn();
    }
  }

  [Symbol.dispose](): void {
    // What the class has itself is behind these.
    Reflect.deleteProperty(this.#ticker, "add");
    Reflect.deleteProperty(this.#ticker, "delete");
  }
}
