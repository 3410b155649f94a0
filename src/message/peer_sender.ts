import type { Framed } from "../framed/framed.ts";
import { NetError } from "../net/errors.ts";
import type { Envelope } from "./envelope.ts";

/** The ways in which the halves of a peer send. */
export class PeerSender {
  readonly #framed: Framed<Envelope>;

  constructor(framed: Framed<Envelope>) {
    this.#framed = framed;
  }

  /** Sends, or throws: for what is sent for a caller who can be told. */
  send(envelope: Envelope): Promise<void> | undefined {
    return this.#framed.send(envelope);
  }

  /**
   * Sends what somebody made who can be told that it cannot be encoded. When
   * the connection does not take it, the connection ends: the other side would
   * wait for it in vain.
   */
  sendOrEnd(envelope: Envelope): Promise<void> | undefined {
    try {
      return this.#framed.send(envelope);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#framed.abort(error);
      return undefined;
    }
  }

  /** Sends what nobody can be told of; otherwise the connection ends. */
  post(envelope: Envelope): void {
    try {
      void this.#framed.send(envelope);
    } catch (error) {
      this.#framed.abort(error);
    }
  }
}
