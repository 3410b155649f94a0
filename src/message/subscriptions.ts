import type { Commands } from "./commands.ts";
import type { EventListener, Peer } from "./peer.ts";

/** A listener of events, and what removes it from the peers that have it. */
interface Subscription<C extends Commands, X> {
  readonly name: string;
  readonly listener: EventListener<C, X>;
  readonly removers: Map<Peer<C, X>, () => void>;
}

/** The listeners of events that all peers of a client have, one after the other. */
export class Subscriptions<C extends Commands, X> {
  readonly #all = new Set<Subscription<C, X>>();
  readonly #peers = new Set<Peer<C, X>>();

  /** Adds a listener, to the peers that there are as well; returns what removes it. */
  add(name: string, listener: EventListener<C, X>): () => void {
    const subscription = { name, listener, removers: new Map() };
    this.#all.add(subscription);
    for (const peer of this.#peers) subscribe(peer, subscription);
    return () => {
      this.#all.delete(subscription);
      for (const remove of subscription.removers.values()) remove();
    };
  }

  /** Gives a new peer the listeners, until it has closed. */
  attach(peer: Peer<C, X>): void {
    this.#peers.add(peer);
    for (const subscription of this.#all) subscribe(peer, subscription);
    void peer.closed.then(() => {
      this.#peers.delete(peer);
      for (const { removers } of this.#all) removers.delete(peer);
    });
  }
}

function subscribe<C extends Commands, X>(
  peer: Peer<C, X>,
  { name, listener, removers }: Subscription<C, X>,
): void {
  removers.set(peer, peer.onEvent(name, listener));
}
