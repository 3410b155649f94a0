import { NetError } from "../net/errors.ts";
import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";
import { afterSockets } from "../net/after_sockets.ts";

/** The limits of a heartbeat, in milliseconds. */
export interface HeartbeatLimits {
  /** `Infinity` for no heartbeat. */
  readonly heartbeatMs: number;
  /** `Infinity` for a heartbeat that ends no connection. */
  readonly heartbeatTimeoutMs: number;
}

/** The state of the connection that a heartbeat reads. */
export interface HeartbeatOptions extends HeartbeatLimits {
  /** A count that grows with all that is sent. */
  readonly sent: () => number;
  /** A count that grows with all that is received. */
  readonly received: () => number;
  /** Whether this side does not read (backpressure), so that no answer can arrive. */
  readonly isHolding: () => boolean;
  readonly ping: () => void;
  readonly abort: (error: NetError) => void;
}

/**
 * Watches whether the other side is alive, and shows it that this side is.
 *
 * | at a tick | then |
 * | --- | --- |
 * | something was received | the other side is alive; its silence counts from 0 |
 * | nothing received for `heartbeatMs` | a ping is sent, which the other side answers |
 * | nothing received for `heartbeatTimeoutMs` more | the sockets are read once more; where there is still nothing, the connection is aborted |
 * | this side does not read (backpressure) | the silence does not count |
 * | nothing sent for `heartbeatMs` | a ping is sent: the other side hears from this one even where its own ping is stuck behind a backlog |
 *
 * Silence is counted in ticks of a timer and not by the clock, so that a stalled
 * event loop of this side does not count as silence of the other.
 */
export class Heartbeat implements Timed {
  readonly #options: HeartbeatOptions;
  readonly #ticker: Ticker | undefined;
  #sent = 0;
  #sentMs = 0;
  #received = 0;
  #receivedMs = 0;
  #callOff: () => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const { heartbeatMs, heartbeatTimeoutMs } = options;
    if (heartbeatMs === Infinity) return;
    this.#ticker = tickerFor(Math.min(heartbeatMs, heartbeatTimeoutMs));
    this.#ticker.add(this);
  }

  /** Stops watching. */
  stop(): void {
    this.#callOff();
    this.#ticker?.delete(this);
  }

  /** Counts a tick of so many milliseconds. */
  tick(ms: number): void {
    const { heartbeatMs, heartbeatTimeoutMs, sent, isHolding } = this.#options;
    if (this.#heard() || isHolding()) this.#receivedMs = 0;
    else this.#receivedMs += ms;
    if (sent() !== this.#sent) this.#sentMs = 0;
    else this.#sentMs += ms;

    if (this.#receivedMs > heartbeatMs + heartbeatTimeoutMs) {
      // The answer may have arrived, and this side may not have read it yet.
      this.#callOff();
      this.#callOff = afterSockets(() => this.#giveUp());
    }
    const silent = this.#receivedMs >= heartbeatMs &&
      this.#receivedMs - ms < heartbeatMs;
    if (silent || this.#sentMs >= heartbeatMs) {
      this.#sentMs = 0;
      this.#options.ping();
    }
    this.#sent = sent();
  }

  /** Whether anything was received since the last call. */
  #heard(): boolean {
    const received = this.#options.received();
    const heard = received !== this.#received;
    this.#received = received;
    return heard;
  }

  #giveUp(): void {
    if (this.#heard()) {
      this.#receivedMs = 0;
      return;
    }
    const { heartbeatMs, heartbeatTimeoutMs, abort } = this.#options;
    abort(
      new NetError(
        "TIMED_OUT",
        `The peer sent nothing for ${heartbeatMs} ms (heartbeatMs) and did not answer a ping in ${heartbeatTimeoutMs} ms (heartbeatTimeoutMs)`,
      ),
    );
  }
}
