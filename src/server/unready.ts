import { NetError } from "../net/errors.ts";
import type { CloseInfo } from "../net/types.ts";

/** The part of a connection that is used here. */
interface Arrival {
  readonly closed: Promise<CloseInfo>;
  abort(reason?: unknown): void;
}

/**
 * The connections that are not ready: those that have not authenticated, or whose
 * setup is under way. They have places of their own, so that strangers cannot take
 * those of clients. A newcomer always gets one: where there are too many, one of the
 * others is cut, which chance decides. So a client that needs a while to get ready is
 * not lost to a crowd that keeps arriving, as it were if the oldest were cut.
 */
export class Unready<C extends Arrival> {
  readonly #limit: string;
  readonly #most: number;
  readonly #connections = new Set<C>();

  /**
   * @param limit The name of the option, for the error.
   * @param most How many there may be.
   */
  constructor(limit: string, most: number) {
    this.#limit = limit;
    this.#most = most;
  }

  /** Takes in a connection, and cuts another one where there are too many. */
  arrive(connection: C): void {
    if (this.#connections.size >= this.#most) this.#cutOne();
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  /** A connection is ready. Returns whether it had not been cut. */
  leave(connection: C): boolean {
    return this.#connections.delete(connection);
  }

  #cutOne(): void {
    const chosen = Math.floor(Math.random() * this.#connections.size);
    const connection = [...this.#connections][chosen]!;
    this.#connections.delete(connection);
    connection.abort(
      new NetError(
        "CONNECTION_CLOSED",
        `The client was not ready when ${this.#most} others came, and was chosen by chance (${this.#limit})`,
        { limit: this.#limit },
      ),
    );
  }
}
