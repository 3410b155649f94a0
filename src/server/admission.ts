import type { Address } from "../net/address.ts";
import { NetError } from "../net/errors.ts";
import type { Connection } from "../net/types.ts";
import { clientGroup } from "./client_group.ts";

/** How many connections a server may have. */
export interface AdmissionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/**
 * Is told of each refusal, and whether it is the first since a tenth of the places was
 * free: the others need not be reported.
 */
type OnRefused = (error: NetError, peer: Address, isFirst: boolean) => void;

/**
 * Which part of the places must be free before a refusal is reported again. Without
 * such a margin, a server at its limit would report each time that one client takes
 * the place of another.
 */
const ROOM = 0.1;

/** The connections of all clients, or of one address. */
interface Places {
  readonly most: number;
  taken: number;
  /** Whether a refusal was reported, and there has been no room since. */
  isFull: boolean;
}

/** Counts the connections of a server, in all and by address, and refuses some. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #onRefused: OnRefused;
  readonly #all: Places;
  /** By what counts as one client. */
  readonly #clients = new Map<string, Places>();

  constructor(limits: AdmissionLimits, onRefused: OnRefused) {
    this.#limits = limits;
    this.#onRefused = onRefused;
    this.#all = { most: limits.maxConnections, taken: 0, isFull: false };
  }

  /** Gives a connection a place, until `leave`; aborts it where there is none. */
  admit(connection: Connection): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    const group = this.#groupOf(connection.remoteAddress);
    const all = this.#all;
    let client = group === undefined ? undefined : this.#clients.get(group);
    if (all.taken >= maxConnections) {
      const what = `there are ${maxConnections}`;
      return this.#refuse(connection, all, what, "maxConnections");
    }
    if (client !== undefined && client.taken >= maxConnectionsPerAddress) {
      const what = `there are ${maxConnectionsPerAddress} of ${group}`;
      return this.#refuse(connection, client, what, "maxConnectionsPerAddress");
    }
    if (group !== undefined && client === undefined) {
      client = { most: maxConnectionsPerAddress, taken: 0, isFull: false };
      this.#clients.set(group, client);
    }
    all.taken++;
    if (client !== undefined) client.taken++;
    return true;
  }

  /** A connection from an address that was given a place has ended. */
  leave(address: Address): void {
    giveBack(this.#all);
    const group = this.#groupOf(address);
    const client = group === undefined ? undefined : this.#clients.get(group);
    if (client === undefined) return;
    giveBack(client);
    if (client.taken === 0) this.#clients.delete(group!);
  }

  /** The group of an address, where connections are counted by it. */
  #groupOf(address: Address): string | undefined {
    return this.#limits.maxConnectionsPerAddress === Infinity
      ? undefined
      : clientGroup(address);
  }

  #refuse(
    connection: Connection,
    places: Places,
    what: string,
    limit: keyof AdmissionLimits,
  ): false {
    const error = new NetError(
      "CONNECTION_REFUSED",
      `Cannot take more connections: ${what} (${limit})`,
      { limit },
    );
    connection.abort(error);
    this.#onRefused(error, connection.remoteAddress, !places.isFull);
    places.isFull = true;
    return false;
  }
}

function giveBack(places: Places): void {
  places.taken--;
  if (places.taken <= places.most * (1 - ROOM)) places.isFull = false;
}
