import { FrameError } from "../../codec/errors.ts";
import type { ConnectionStats } from "../../framed/stats.ts";
import type { CloseInfo } from "../../net/types.ts";
import type { Envelope } from "../envelope.ts";
import type { EnvelopeChannel } from "../envelope_channel.ts";
import type { FramesOf, Translation, Wire } from "./dialect.ts";

/** The channel of a peer over a connection whose frames are translated one by one. */
export class TranslatedChannel<T> implements EnvelopeChannel {
  readonly closed: Promise<CloseInfo>;
  readonly withoutPings = true;

  readonly #framed: FramesOf<T>;
  readonly #translation: Translation<T>;
  /** The function of the peer that handles an envelope. */
  #handle: (envelope: Envelope) => Promise<void> | undefined = () => undefined;
  /** Why the connection ended on this side. */
  #failure: FrameError | undefined;
  /** The promise of the peer for which the next frame must wait. */
  #held: Promise<void> | undefined;

  constructor(framed: FramesOf<T>, begin: (wire: Wire<T>) => Translation<T>) {
    this.#framed = framed;
    this.closed = framed.closed.then((info) =>
      this.#failure === undefined ? info : { ...info, error: this.#failure }
    );
    this.#translation = begin({
      send: (frame) => framed.send(frame),
      tell: (envelope) => {
        this.#held = this.#handle(envelope) ?? this.#held;
      },
      abort: (reason) => framed.abort(reason),
    });
  }

  get busy(): boolean {
    return this.#framed.busy;
  }

  set busy(busy: boolean) {
    this.#framed.busy = busy;
  }

  get answersCancelled(): boolean {
    return this.#translation.answersCancelled === true;
  }

  stats(): ConnectionStats {
    return this.#framed.stats();
  }

  send(envelope: Envelope): Promise<void> | undefined {
    return this.#translation.send(envelope);
  }

  async forEach(
    handle: (envelope: Envelope) => Promise<void> | undefined,
  ): Promise<void> {
    this.#handle = handle;
    try {
      await this.#framed.forEach((frame) => {
        this.#held = undefined;
        this.#translation.receive(frame);
        return this.#held;
      });
    } catch (error) {
      if (error instanceof FrameError && this.#translation.refuse) {
        this.#failure = error;
        this.#translation.refuse(error);
        // The peer aborts what is still open then, and the last word with it.
        await this.#framed.close();
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#framed.close();
  }

  abort(reason?: unknown): void {
    this.#framed.abort(reason);
  }
}
