import type { Channel } from "../net/channel.ts";
import { NetError } from "../net/errors.ts";
import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";

/** After how much silence no more frames are in flight, in milliseconds. */
const QUIET_MS = 20;
/**
 * How long a peer that goes on sending is listened to, up to the end of a frame, and
 * how much of it: it must not hold up the end.
 */
const LATE_MS = 500;
const LATE_BYTES = 4_194_304;

/** The receiver that is stopped. */
export interface Stoppable {
  /** Whether the program waits for a frame. */
  readonly waiting: boolean;
  /** How many chunks, and how many bytes, have arrived. */
  readonly chunks: number;
  readonly bytes: number;
  /** How many bytes of a frame have arrived that is not whole yet. */
  readonly pendingBytes: number;
  /** Ends receiving after the frames that have arrived whole. */
  cut(): void;
}

/**
 * Ends a receiver when the frames in flight have been handed out: when the program
 * waits for a frame, none has arrived in part, and the peer has been silent for a
 * while.
 */
export class Stopping implements Timed {
  readonly #receiver: Stoppable;
  readonly #channel: Channel;
  readonly #ticker: Ticker = tickerFor(QUIET_MS);
  readonly #bytesBefore: number;
  #chunks = 0;
  #quietMs = 0;
  #lateMs = 0;

  constructor(receiver: Stoppable, channel: Channel) {
    this.#receiver = receiver;
    this.#channel = channel;
    this.#bytesBefore = receiver.bytes;
    this.#ticker.add(this);
  }

  end(): void {
    this.#ticker.delete(this);
  }

  tick(ms: number): void {
    const { waiting, chunks, bytes, pendingBytes } = this.#receiver;
    if (!waiting) return;
    this.#quietMs = chunks === this.#chunks ? this.#quietMs + ms : 0;
    this.#chunks = chunks;
    this.#lateMs += ms;
    const isDone = this.#quietMs > QUIET_MS || this.#lateMs > LATE_MS;
    if (isDone && pendingBytes === 0) this.#receiver.cut();
    else if (bytes - this.#bytesBefore > LATE_BYTES) {
      if (pendingBytes > 0) this.#channel.note(stoppedError());
      this.#receiver.cut();
    }
  }
}

function stoppedError(): NetError {
  return new NetError(
    "CONNECTION_CLOSED",
    "The connection was stopped here inside a frame of a peer that went on sending",
  );
}
