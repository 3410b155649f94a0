import { diagnosticsChannels } from "../net/adapters/diagnostics.ts";
import type { Address } from "../net/address.ts";
import { isPromise } from "../net/deferred.ts";
import type { CloseInfo } from "../net/types.ts";
import { closeReason } from "./close_reason.ts";
import type { FramedConnection } from "./framed_connection.ts";
import type { ConnectionStats } from "./stats.ts";

/** How a request ended. */
export type RequestOutcome =
  | "done"
  | "failed"
  | "refused"
  | "cancelled"
  | "timedOut";

/** What an `observe` hook, or a subscriber of `node:diagnostics_channel`, is told. */
export type ObservedEvent =
  | {
    /** A connection was made, and is now used. */
    readonly type: "open";
    /** The id of the connection. */
    readonly id: number;
    /** What made the connection. */
    readonly side: "server" | "client";
    /** Where the other end is. */
    readonly peer: Address;
  }
  | {
    /** A connection has ended. */
    readonly type: "close";
    /** The id of the connection. */
    readonly id: number;
    /** What made the connection. */
    readonly side: "server" | "client";
    /** Where the other end is. */
    readonly peer: Address;
    /** The name for how it ended: see {@linkcode closeReason}. */
    readonly reason: string;
    /** How it ended. */
    readonly info: CloseInfo;
    /** Its numbers at the end. */
    readonly stats: ConnectionStats;
  }
  | {
    /** A server has refused a connection or a client, or a handshake has failed. */
    readonly type: "refused";
    /** Where the other end is; unknown where a `network` of one's own does not say. */
    readonly peer: Address | undefined;
    /** Why: the name of a limit or the code of the error. */
    readonly reason: string;
    /** The error. */
    readonly error: unknown;
  }
  | {
    /** A request has ended; one that was refused had no time to take. */
    readonly type: "request";
    /** Whether it was answered here, or made here. */
    readonly direction: "served" | "made";
    /** The command. */
    readonly command: string;
    /** How it ended. */
    readonly outcome: RequestOutcome;
    /** How long it took, in seconds. */
    readonly seconds: number;
    /** The header that it was sent with. */
    readonly header: Readonly<Record<string, string>> | undefined;
  };

/**
 * A hook that is told what happens. It is called at once, so it should be quick. What
 * it throws goes to `onError`, or to `console.error` where there is none, and has no
 * other effect.
 */
export type Observe = (event: ObservedEvent) => void;

/** Options of servers and clients. */
export interface ObserveOptions {
  /**
   * Told of connections and requests as they begin and end, for logs, traces and
   * metrics. The same events are published on the channels `framewire:...` of
   * `node:diagnostics_channel`, where somebody subscribes.
   */
  observe?: Observe;
}

/** Tells the hook of a program, and the subscribers in this process. */
export class Observer {
  readonly #observe: Observe | undefined;
  readonly #onError: (error: unknown) => void;
  readonly #channels = diagnosticsChannels();

  /** Takes the hook, and who is told what it throws. */
  constructor(
    observe: Observe | undefined,
    onError: (error: unknown) => void = reportToConsole,
  ) {
    this.#observe = observe;
    this.#onError = onError;
  }

  /** Whether anybody wants events of a type: if not, none need be made. */
  wants(type: ObservedEvent["type"]): boolean {
    return this.#observe !== undefined ||
      this.#channels[type]?.hasSubscribers === true;
  }

  /** Tells of an event. */
  tell(event: ObservedEvent): void {
    try {
      this.#channels[event.type]?.publish(event);
      const result: unknown = this.#observe?.(event);
      if (isPromise(result)) result.then(undefined, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** Tells of a connection that was made. */
export function tellOpen<In, Out>(
  observer: Observer,
  side: "server" | "client",
  { id, remoteAddress: peer }: FramedConnection<In, Out>,
): void {
  if (observer.wants("open")) observer.tell({ type: "open", id, side, peer });
}

/** Tells of a connection that has ended. */
export function tellClose<In, Out>(
  observer: Observer,
  side: "server" | "client",
  connection: FramedConnection<In, Out>,
  info: CloseInfo,
  reason: string = closeReason(info),
): void {
  if (!observer.wants("close")) return;
  const { id, remoteAddress: peer } = connection;
  const stats = connection.stats();
  observer.tell({ type: "close", id, side, peer, reason, info, stats });
}

function reportToConsole(error: unknown): void {
  console.error("framewire: observe itself failed:", error);
}
