import { MAX_HANDSHAKES } from "../defaults.ts";
import { deferred } from "./deferred.ts";
import { NetError } from "./errors.ts";
import { after } from "./timer.ts";

/** The handshakes of a listener that are under way, each with a time limit. */
export class Handshakes {
  readonly #what: string;
  readonly #timeoutMs: number;
  /** What ends each, the oldest first. */
  readonly #underWay = new Set<(error: unknown) => void>();

  /** Takes what they are called in errors, and how long each may take. */
  constructor(what: string, timeoutMs: number) {
    this.#what = what;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Waits for a handshake.
   *
   * @param who The client.
   * @param shake Does it. It is given a function that ends it with an error.
   * @throws {NetError} `TIMED_OUT` if it takes too long, or gives way to newer ones;
   * `CONNECTION_CLOSED` after `close`.
   */
  async run<T>(
    who: string,
    shake: (fail: (error: unknown) => void) => Promise<T>,
  ): Promise<T> {
    const { promise: failed, reject: fail } = deferred<never>();
    this.#makeRoom();
    this.#underWay.add(fail);
    const limit = this.#timeoutMs;
    const callOff = after(limit, () =>
      fail(
        new NetError(
          "TIMED_OUT",
          `${this.#what} of ${who} took longer than ${limit} ms (handshakeTimeoutMs)`,
          { limit: "handshakeTimeoutMs" },
        ),
      ));
    try {
      return await Promise.race([shake(fail), failed]);
    } finally {
      callOff();
      this.#underWay.delete(fail);
    }
  }

  /** Ends all of them. */
  close(): void {
    const error = new NetError("CONNECTION_CLOSED", "The listener was closed");
    for (const fail of this.#underWay) fail(error);
  }

  /** Ends the oldest if there are too many: its peer is likely silent. */
  #makeRoom(): void {
    if (this.#underWay.size < MAX_HANDSHAKES) return;
    const [oldest] = this.#underWay;
    oldest?.(
      new NetError(
        "TIMED_OUT",
        `${this.#what} gave way to newer ones: ${MAX_HANDSHAKES} were under way`,
        { limit: "maxHandshakes" },
      ),
    );
  }
}
