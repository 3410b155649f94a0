import type { Meter, Receiver } from "../framed/receiver.ts";
import type { Channel } from "../net/channel.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { Rate } from "./rate.ts";

/** The part of a link that is held to rates. */
export interface Paced {
  readonly channel: Channel;
  readonly receiver: Pick<
    Receiver<unknown>,
    "bytes" | "frames" | "held" | "hold" | "meter"
  >;
}

/**
 * Holds a connection to its rates. A chunk that has arrived is always handled; a
 * connection that has exceeded a rate with it is not read for as long as it takes to
 * be within the rate again, or is closed.
 */
export class Pacer implements Meter {
  readonly #channel: Channel;
  readonly #receiver: Paced["receiver"];
  readonly #rates: readonly Rate[];
  #bytes = 0;
  #frames = 0;
  #callOff: (() => void) | undefined;

  constructor({ channel, receiver }: Paced, rates: readonly Rate[]) {
    this.#channel = channel;
    this.#receiver = receiver;
    this.#rates = rates;
  }

  charge(): void {
    const { bytes, frames } = this.#receiver;
    for (const rate of this.#rates) {
      rate.spend(bytes - this.#bytes, frames - this.#frames);
    }
    this.#bytes = bytes;
    this.#frames = frames;
    this.#hold();
  }

  end(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#receiver.meter = undefined;
    if (this.#receiver.held) this.#receiver.hold(false);
  }

  /** Holds the peer back for as long as a rate is exceeded. */
  #hold(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    let waitMs = 0;
    for (const rate of this.#rates) {
      const { owedMs, name, closes } = rate;
      if (owedMs > 0 && closes) {
        return this.#channel.abort(
          new NetError(
            "RATE_EXCEEDED",
            `The peer sent more than it may in this time (${name})`,
            { limit: name },
          ),
        );
      }
      waitMs = Math.max(waitMs, owedMs);
    }
    if (waitMs === 0) {
      if (this.#receiver.held) this.#receiver.hold(false);
      return;
    }
    this.#receiver.hold(true);
    this.#callOff = after(waitMs, () => this.#hold());
  }
}
