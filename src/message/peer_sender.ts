import { NetError } from "../net/errors.ts";
import type { Envelope } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";

/** The ways in which the parts of a peer send. */
export class PeerSender {
  /** How many envelopes have been sent: a sign of life for the other side. */
  count = 0;

  readonly #channel: EnvelopeChannel;
  #ended = false;

  constructor(channel: EnvelopeChannel) {
    this.#channel = channel;
  }

  /** Sends for a caller who handles the errors and waits for room. */
  send(envelope: Envelope): Promise<void> | undefined {
    this.count++;
    return this.#channel.send(envelope);
  }

  /** Sends for a caller who handles the errors and does not wait for room. */
  sendNow(envelope: Envelope): void {
    this.count++;
    const full = this.#channel.send(envelope);
    if (full !== undefined) ignoreRejection(full);
  }

  /** Says that the connection is being closed: nothing more can be sent. */
  end(): void {
    this.#ended = true;
  }

  /** Sends where no caller could handle an error: the connection ends with it. */
  post(envelope: Envelope): void {
    // What still arrives is not answered, and must not cut what was written.
    if (this.#ended) return;
    try {
      this.sendNow(envelope);
    } catch (error) {
      this.#channel.abort(error);
    }
  }

  /**
   * Sends the output of a handler. Throws what is wrong with the output. If
   * the connection does not take it, the connection ends, since the other side
   * would wait for it in vain.
   *
   * @param onFull Called when the send buffer is full.
   */
  sendOrEnd(
    envelope: Envelope,
    onFull: (error: NetError) => void,
  ): Promise<void> | undefined {
    try {
      return this.send(envelope);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (error.code === "SEND_BUFFER_FULL") onFull(error);
      this.#channel.abort(error);
      return undefined;
    }
  }
}

/** Ignores the error of a failed connection, which `closed` reports. */
function ignoreRejection(promise: Promise<void>): void {
  promise.catch(() => undefined);
}
