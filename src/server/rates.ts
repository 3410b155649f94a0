import type { Address } from "../net/address.ts";
import { clientGroup } from "./client_group.ts";
import { type Paced, Pacer } from "./pacer.ts";
import { Rate, type RateOptions } from "./rate.ts";
import { Stalls } from "./stalls.ts";

/** How many addresses are known, at least, before those are dropped that need not be. */
const LEAST_KNOWN = 64;

/** What all connections of an address share. */
interface Shared {
  readonly rate: Rate;
  connections: number;
}

/** Holds the connections of a server to their rates, those of an address together. */
export class Rates {
  readonly #rate: RateOptions | undefined;
  readonly #addressRate: RateOptions | undefined;
  readonly #stalls: Stalls | undefined;
  /** By what counts as one client. */
  readonly #shared = new Map<string, Shared>();
  /** At how many addresses those are dropped that need not be known. */
  #most = LEAST_KNOWN;

  constructor(
    rate: RateOptions | undefined,
    addressRate: RateOptions | undefined,
  ) {
    this.#rate = rate;
    this.#addressRate = addressRate;
    const closes = [rate, addressRate].some((one) =>
      one?.onExceeded === "close"
    );
    this.#stalls = closes ? new Stalls() : undefined;
  }

  /** Holds a connection to its rates, if there are any, until `leave`. */
  pace(link: Paced): void {
    const { channel, receiver } = link;
    const rates: Rate[] = [];
    if (this.#rate !== undefined) {
      rates.push(new Rate("rate", this.#rate, this.#stalls));
    }
    const group = clientGroup(channel.remoteAddress);
    if (this.#addressRate !== undefined && group !== undefined) {
      const shared = this.#sharedOf(group, this.#addressRate);
      shared.connections++;
      rates.push(shared.rate);
    }
    if (rates.length === 0) return;
    receiver.meter = new Pacer(link, rates);
    // What had arrived before there was anybody to read it.
    if (receiver.bytes > 0) receiver.meter.charge();
  }

  /** A connection from an address has ended. */
  leave(address: Address): void {
    const group = this.#shared.size === 0 ? undefined : clientGroup(address);
    const shared = group === undefined ? undefined : this.#shared.get(group);
    if (shared !== undefined) shared.connections--;
  }

  end(): void {
    this.#stalls?.end();
  }

  #sharedOf(group: string, options: RateOptions): Shared {
    const known = this.#shared.get(group);
    if (known !== undefined) return known;
    if (this.#shared.size >= this.#most) this.#forget();
    const rate = new Rate("addressRate", options, this.#stalls);
    const shared = { rate, connections: 0 };
    this.#shared.set(group, shared);
    return shared;
  }

  /** Drops what need not be known: an address without a connection owes for a while. */
  #forget(): void {
    for (const [group, { rate, connections }] of this.#shared) {
      if (connections === 0 && rate.isFull) this.#shared.delete(group);
    }
    this.#most = Math.max(LEAST_KNOWN, 2 * this.#shared.size);
  }
}
