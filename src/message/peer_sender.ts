import { NetError } from "../net/errors.ts";
import type { Envelope } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";

/** The ways in which the halves of a peer send. */
export class PeerSender {
  readonly #channel: EnvelopeChannel;

  constructor(channel: EnvelopeChannel) {
    this.#channel = channel;
  }

  /** Sends, or throws: for what is sent for a caller who can be told. */
  send(envelope: Envelope): Promise<void> | undefined {
    return this.#channel.send(envelope);
  }

  /**
   * Sends what somebody made who can be told that it cannot be encoded. When
   * the connection does not take it, the connection ends: the other side would
   * wait for it in vain.
   */
  sendOrEnd(envelope: Envelope): Promise<void> | undefined {
    try {
      return this.#channel.send(envelope);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#channel.abort(error);
      return undefined;
    }
  }

  /** Sends what nobody can be told of; otherwise the connection ends. */
  post(envelope: Envelope): void {
    try {
      void this.#channel.send(envelope);
    } catch (error) {
      this.#channel.abort(error);
    }
  }
}
