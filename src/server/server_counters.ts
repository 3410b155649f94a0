import { closeReason, reasonOf } from "../framed/close_reason.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { type Observer, tellClose, tellOpen } from "../framed/observe.ts";
import { NO_CONNECTION, sumOf } from "../framed/stats.ts";
import type { Address } from "../net/address.ts";
import type { CloseInfo } from "../net/types.ts";
import type { ServerStats } from "./stats.ts";

/**
 * The counters of a server, which tell its observer. Nothing is counted here for a
 * frame: the connections have their own numbers, which are added up when somebody asks,
 * and once and for all when a connection has ended.
 */
export class ServerCounters<In, Out> {
  readonly #observer: Observer;
  #open = 0;
  #accepted = 0;
  readonly #refused = new Map<string, number>();
  readonly #closed = new Map<string, number>();
  /** Those of which the handler threw an error of the program. */
  readonly #failed = new WeakSet<FramedConnection<In, Out>>();
  /** The numbers of all others. */
  #ended = NO_CONNECTION;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** How many connections were given to their handlers. */
  get accepted(): number {
    return this.#accepted;
  }

  /** A connection was refused because of an error. */
  refuse(
    error: unknown,
    peer?: Address,
    reason: string = reasonOf(error),
  ): void {
    count(this.#refused, reason);
    if (!this.#observer.wants("refused")) return;
    this.#observer.tell({ type: "refused", peer, reason, error });
  }

  /** A connection is given to its handler. */
  open(connection: FramedConnection<In, Out>): void {
    this.#open++;
    this.#accepted++;
    tellOpen(this.#observer, "server", connection);
  }

  /** A connection has ended. */
  close(connection: FramedConnection<In, Out>, info: CloseInfo): void {
    this.#open--;
    const failed = info.error === undefined && this.#failed.has(connection);
    const reason = failed ? "handler" : closeReason(info);
    count(this.#closed, reason);
    tellClose(this.#observer, "server", connection, info, reason);
  }

  /** The handler of a connection has thrown an error of the program. */
  fail(connection: FramedConnection<In, Out>): void {
    this.#failed.add(connection);
  }

  /** A connection and its handler have ended. */
  end(connection: FramedConnection<In, Out>): void {
    this.#ended = sumOf(this.#ended, connection.stats());
  }

  /** The numbers, with those of the connections that have not ended so. */
  stats(handled: Iterable<FramedConnection<In, Out>>): ServerStats {
    let sum = this.#ended;
    let handlers = 0;
    for (const connection of handled) {
      sum = sumOf(sum, connection.stats());
      handlers++;
    }
    return {
      connections: {
        open: this.#open,
        accepted: this.#accepted,
        refused: Object.fromEntries(this.#refused),
        closed: Object.fromEntries(this.#closed),
      },
      handlers,
      ...sum,
    };
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
