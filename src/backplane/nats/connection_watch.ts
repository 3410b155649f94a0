import {
  BACKPLANE_PROBE_MS,
  BACKPLANE_PROBE_TIMEOUT_MS,
} from "../../defaults.ts";
import { afterSockets } from "../../net/after_sockets.ts";
import { after } from "../../net/timer.ts";
import { StateListeners } from "../state_listeners.ts";
import type { NatsConnectionLike } from "./types.ts";

/** What the client says when the connection is lost, or about to be. */
const TROUBLE = [
  "disconnect",
  "reconnecting",
  "staleConnection",
  "forceReconnect",
  "close",
];

/**
 * Knows whether NATS can be reached. The client of NATS takes messages while it is
 * disconnected, and drops them, and it does not notice for minutes that a server has
 * stopped without a word. So there is a round trip now and then, and after any trouble
 * NATS is away until the engine has seen its streams again.
 */
export class ConnectionWatch {
  readonly states: StateListeners = new StateListeners("up");
  /** Why NATS is away. */
  cause: unknown;

  readonly #connection: NatsConnectionLike;
  readonly #recover: () => Promise<void>;
  readonly #status: AsyncIterable<{ readonly type: string }>;
  /** Another one after each trouble, so that a late answer counts for nothing. */
  #period = 0;
  #callOff: () => void = () => undefined;
  #stopped = false;

  /**
   * Begins with NATS up.
   *
   * @param recover Settles when the engine can be used again.
   */
  constructor(connection: NatsConnectionLike, recover: () => Promise<void>) {
    this.#connection = connection;
    this.#recover = recover;
    this.#status = connection.status();
    void this.#watchStatus();
    this.#probeLater();
  }

  /** NATS is away, until it has proved that it is not. */
  trouble(cause: unknown): void {
    if (this.#stopped) return;
    this.#period++;
    this.cause = cause;
    this.#callOff();
    this.states.set("down");
    // A listener may have stopped this.
    if (this.#stopped) return;
    if (this.#connection.isClosed()) this.stop();
    else this.#callOff = after(BACKPLANE_PROBE_MS, () => void this.#tryAgain());
  }

  /** Ends the watch; NATS is away for good. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#callOff();
    const status = this.#status;
    // The iterable of the client has it: otherwise the client would go on filling it.
    if ("stop" in status && typeof status.stop === "function") status.stop();
    this.states.set("down");
  }

  async #watchStatus(): Promise<void> {
    for await (const { type } of this.#status) {
      if (this.#stopped) return;
      if (TROUBLE.includes(type)) this.trouble(new Error(`NATS: ${type}`));
      // At once, since the wait may have just begun.
      if (type === "reconnect") void this.#tryAgain();
    }
    this.trouble(new Error("NATS: the connection was closed"));
  }

  #probeLater(): void {
    this.#callOff = after(BACKPLANE_PROBE_MS, () => this.#probe());
  }

  #probe(): void {
    const period = this.#period;
    const fail = (error: unknown) => {
      if (period === this.#period) this.trouble(error);
    };
    let callOffLast = () => {};
    const callOff = after(BACKPLANE_PROBE_TIMEOUT_MS, () => {
      // This process may have stood still, and the answer has arrived.
      callOffLast = afterSockets(() => {
        fail(new Error("NATS: no answer to a ping"));
      });
    });
    this.#callOff = () => {
      callOff();
      callOffLast();
    };
    this.#connection.flush().then(() => {
      if (period !== this.#period || this.#stopped) return;
      this.#callOff();
      this.#probeLater();
    }, fail);
  }

  async #tryAgain(): Promise<void> {
    if (this.#stopped || this.states.state === "up") return;
    this.#callOff();
    const period = ++this.#period;
    const isLate = () => period !== this.#period || this.#stopped;
    try {
      await this.#recover();
    } catch (error) {
      if (!isLate()) this.trouble(error);
      return;
    }
    if (isLate()) return;
    this.#probeLater();
    this.states.set("up");
  }
}
