import type { FramedConnection } from "../framed/framed_connection.ts";
import { NetError } from "../net/errors.ts";
import { CommandError } from "./errors.ts";
import type { WireFrame } from "./wire.ts";

type Connection = FramedConnection<WireFrame>;

/** How many connections there may be. */
export interface AdmissionLimits {
  /** Of clients that have authenticated. */
  readonly maxConnections: number;
  /** Of clients that have not. */
  readonly maxUnauthenticated: number;
}

/**
 * Counts the connections of a server with a secret. Strangers have places of
 * their own, so that they cannot take those of the clients that know the secret.
 * A newcomer always gets a place among the strangers: the oldest of them is cut
 * for it.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  /** The oldest first. */
  readonly #strangers = new Set<Connection>();
  readonly #clients = new Set<Connection>();

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Takes in a connection that has not authenticated. */
  arrive(connection: Connection): void {
    const { maxUnauthenticated } = this.#limits;
    this.#strangers.add(connection);
    void connection.closed.then(() => {
      this.#strangers.delete(connection);
      this.#clients.delete(connection);
    });
    for (const oldest of this.#strangers) {
      if (this.#strangers.size <= maxUnauthenticated) break;
      this.#strangers.delete(oldest);
      oldest.abort(
        new NetError(
          "CONNECTION_CLOSED",
          `The client had not authenticated when ${maxUnauthenticated} others came (maxUnauthenticated)`,
          { limit: "maxUnauthenticated" },
        ),
      );
    }
  }

  /**
   * Gives a connection that has authenticated a place among the clients.
   *
   * @throws {CommandError} `TOO_MANY_CONNECTIONS` if there is none.
   */
  admit(connection: Connection): void {
    const { maxConnections } = this.#limits;
    if (this.#clients.size >= maxConnections) {
      throw new CommandError(
        "TOO_MANY_CONNECTIONS",
        `As many clients are connected as may: ${maxConnections} (maxConnections)`,
      );
    }
    // One that was cut meanwhile has no place to give up, and takes none.
    if (this.#strangers.delete(connection)) this.#clients.add(connection);
  }
}
