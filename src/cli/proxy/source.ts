import type { Channel } from "../../net/channel.ts";

/** What one direction reads from. It can be held back for several reasons at a time. */
export class Source {
  readonly #channel: Pick<Channel, "pause" | "resume">;
  #holds = 0;

  /** Makes the source of a channel. */
  constructor(channel: Pick<Channel, "pause" | "resume">) {
    this.#channel = channel;
  }

  /** Holds the peer back, until `release` is called as often as this. */
  hold(): void {
    if (this.#holds++ === 0) this.#channel.pause();
  }

  /** Holds the peer back still, where the channel has forgotten it with a new user. */
  renew(): void {
    if (this.#holds > 0) this.#channel.pause();
  }

  /** Takes one hold away. */
  release(): void {
    if (--this.#holds === 0) this.#channel.resume();
  }

  /** Holds the peer back until a promise has resolved. */
  holdUntil(promise: Promise<void>): void {
    this.hold();
    void promise.then(() => this.release());
  }
}
