import { afterSockets } from "../net/after_sockets.ts";
import { NetError } from "../net/errors.ts";
import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";

/**
 * How this side asks a silent peer whether it is alive, and shows it that this side is.
 *
 * A ping is sent after a silence of `everyMs`, of the peer or of this side. Anything that
 * arrives counts as a sign of life. Where nothing does, the connection is aborted with
 * `TIMED_OUT`, also where the network was unplugged, which no other error tells of. Time
 * is counted in ticks: no peer is cut because the event loop of this process stood still,
 * nor while this side does not read (backpressure).
 *
 * It ends with `switchCodec`, since its frames are of the format before.
 *
 * @example
 * ```ts
 * import { createClient, type HeartbeatOptions, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const heartbeat: HeartbeatOptions<string> = {
 *   ping: () => "PING",
 *   isPong: (line) => line === "PONG",
 *   everyMs: 10,
 * };
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines(), heartbeat },
 *   async (connection) => void await connection.receive(),
 * );
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * assertEquals(await client.receive(), "PING");
 * await client.send("PONG");
 * ```
 */
export interface HeartbeatOptions<In, Out = In> {
  /** Makes a frame that the peer answers. */
  ping: () => In;
  /**
   * Tells the frames that answer a ping from others: the program does not get them.
   *
   * @default {the program gets all frames}
   */
  isPong?: (frame: Out) => boolean;
  /**
   * After how much silence a ping is sent, in milliseconds. More than 0; `Infinity` for
   * no heartbeat.
   *
   * @default {30_000}
   */
  everyMs?: number;
  /**
   * How long the peer may be silent after a ping, in milliseconds. More than 0;
   * `Infinity` for a heartbeat that ends no connection.
   *
   * @default {10_000}
   */
  timeoutMs?: number;
}

/** The limits of a heartbeat, and the state of the connection that it reads. */
interface Pulse {
  /** After how much silence to ask, in milliseconds; `Infinity` for no heartbeat. */
  readonly everyMs: number;
  /**
   * How long the answer may take, in milliseconds; `Infinity` for a heartbeat that
   * ends no connection.
   */
  readonly timeoutMs: number;
  /** The option that has that limit. */
  readonly limit: string;
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
 * | nothing received for `everyMs` | a ping is sent, which the other side answers |
 * | nothing received for `timeoutMs` more | the sockets are read once more; where there is still nothing, the connection is aborted |
 * | this side does not read (backpressure) | the silence does not count |
 * | nothing sent for `everyMs` | a ping is sent: the other side hears from this one even where its own ping is stuck behind a backlog |
 *
 * Silence is counted in ticks of a timer and not by the clock, so that a stalled
 * event loop of this side does not count as silence of the other.
 */
export class Heartbeat implements Timed {
  readonly #pulse: Pulse;
  readonly #ticker: Ticker | undefined;
  #sent = 0;
  #sentMs = 0;
  #received = 0;
  #receivedMs = 0;
  #callOff: () => void = () => undefined;

  constructor(pulse: Pulse) {
    this.#pulse = pulse;
    const { everyMs, timeoutMs } = pulse;
    if (everyMs === Infinity) return;
    this.#ticker = tickerFor(Math.min(everyMs, timeoutMs));
    this.#ticker.add(this);
  }

  /** Stops watching. */
  stop(): void {
    this.#callOff();
    this.#ticker?.delete(this);
  }

  /** Counts a tick of so many milliseconds. */
  tick(ms: number): void {
    const { everyMs, timeoutMs, sent, isHolding } = this.#pulse;
    if (this.#heard() || isHolding()) this.#receivedMs = 0;
    else this.#receivedMs += ms;
    if (sent() !== this.#sent) this.#sentMs = 0;
    else this.#sentMs += ms;

    if (this.#receivedMs > everyMs + timeoutMs) {
      // The answer may have arrived, and this side may not have read it yet.
      this.#callOff();
      this.#callOff = afterSockets(() => this.#giveUp());
    }
    const silent = this.#receivedMs >= everyMs &&
      this.#receivedMs - ms < everyMs;
    if (silent || this.#sentMs >= everyMs) {
      this.#sentMs = 0;
      this.#pulse.ping();
    }
    this.#sent = sent();
  }

  /** Whether anything was received since the last call. */
  #heard(): boolean {
    const received = this.#pulse.received();
    const heard = received !== this.#received;
    this.#received = received;
    return heard;
  }

  #giveUp(): void {
    if (this.#heard()) {
      this.#receivedMs = 0;
      return;
    }
    const { everyMs, timeoutMs, limit, abort } = this.#pulse;
    abort(
      new NetError(
        "TIMED_OUT",
        `The peer sent nothing for ${everyMs} ms and did not answer a ping in ${timeoutMs} ms (${limit})`,
        { limit },
      ),
    );
  }
}
