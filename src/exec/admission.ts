import type { FramedConnection } from "../framed/framed_connection.ts";
import { Unready } from "../server/unready.ts";
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
 */
export class Admission {
  readonly #maxConnections: number;
  readonly #strangers: Unready<Connection>;
  readonly #clients = new Set<Connection>();

  constructor({ maxConnections, maxUnauthenticated }: AdmissionLimits) {
    this.#maxConnections = maxConnections;
    this.#strangers = new Unready("maxUnauthenticated", maxUnauthenticated);
  }

  /** Takes in a connection that has not authenticated. */
  arrive(connection: Connection): void {
    this.#strangers.arrive(connection);
    void connection.closed.then(() => this.#clients.delete(connection));
  }

  /**
   * Gives a connection that has authenticated a place among the clients.
   *
   * @throws {CommandError} `TOO_MANY_CONNECTIONS` if there is none.
   */
  admit(connection: Connection): void {
    if (this.#clients.size >= this.#maxConnections) {
      throw new CommandError(
        "TOO_MANY_CONNECTIONS",
        `As many clients are connected as may: ${this.#maxConnections} (maxConnections)`,
      );
    }
    // One that was cut meanwhile has no place to give up, and takes none.
    if (this.#strangers.leave(connection)) this.#clients.add(connection);
  }
}
