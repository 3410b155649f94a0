import type { Direction } from "./capture_event.ts";
import type { Counters } from "./capture_stats.ts";
import type { EventQueue } from "./event_queue.ts";
import type { FlowKey } from "./flow_key.ts";
import type { HeldBytes } from "./held_bytes.ts";

/** What all flows of a reader share. */
export interface FlowContext {
  readonly events: EventQueue;
  readonly counters: Counters;
  readonly held: HeldBytes;
}

/** Who is the server, as far as the first packet of a flow shows. */
export type ServerOf = "sender" | "receiver";

/** A TCP connection, or the datagrams between two addresses. */
export abstract class Flow {
  /** Its number, from 1 on. */
  readonly number: number;
  protected readonly context: FlowContext;
  readonly #serverIsFirst: boolean;
  #isClosed = false;

  /** Takes the number, and the key of the first packet. */
  constructor(context: FlowContext, key: FlowKey, server: ServerOf) {
    this.number = ++context.counters.connections;
    this.context = context;
    this.#serverIsFirst = key.isFromFirst === (server === "sender");
  }

  /** Whether all of it has been told. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The direction of a packet. */
  protected directionOf(key: FlowKey): Direction {
    return key.isFromFirst === this.#serverIsFirst ? "toClient" : "toServer";
  }

  /** Tells what is left of it, and that nothing follows. */
  close(time: number): void {
    if (this.#isClosed) return;
    this.finish(time);
    this.#isClosed = true;
    this.context.events.add({ kind: "close", connection: this.number, time });
  }

  /** Tells what is left of it. */
  protected abstract finish(time: number): void;

  /** Tells that it is there. `key` is that of its first packet. */
  protected open(
    time: number,
    transport: "tcp" | "udp",
    key: FlowKey,
    midstream: boolean,
  ): void {
    const senderIsServer = key.isFromFirst === this.#serverIsFirst;
    this.context.events.add({
      kind: "open",
      connection: this.number,
      time,
      client: key.addressOf(senderIsServer ? "receiver" : "sender"),
      server: key.addressOf(senderIsServer ? "sender" : "receiver"),
      transport,
      midstream,
    });
  }
}
