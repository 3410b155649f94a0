import { FrameError } from "../../codec/errors.ts";
import { NetError } from "../../net/errors.ts";
import type { Histogram } from "./histogram.ts";

/** The kinds of errors that a load can meet, and what a report calls them. */
export const errorNames = {
  refused: "refused",
  reset: "reset",
  closed: "closed by the server",
  timedOut: "timed out",
  badFrame: "bad frame",
  unasked: "reply without a request",
  unanswered: "unanswered at the end",
  unsent: "unsent at the end",
  other: "other network errors",
} as const;

/** A kind of error. */
export type ErrorKind = keyof typeof errorNames;

/**
 * How often each kind of error was met. A connection that is lost counts once for each
 * request that had no reply yet, and at least once.
 */
export type ErrorCounts = Record<ErrorKind, number>;

/** What a load has found out about a server. */
export interface Measured {
  /** How many connections there were, and how many were left at the end. */
  readonly connections: { readonly opened: number; readonly left: number };
  /** How many requests a connection could have without a reply. */
  readonly inFlight: number;
  /** How many requests a second were due; `undefined` in a closed loop. */
  readonly rate: number | undefined;
  /** The length of a request on the wire, in bytes. */
  readonly requestBytes: number;
  /** How long it was measured, in seconds. */
  readonly seconds: number;
  /** How many requests belong to that time: by when they were due, or else sent. */
  readonly requests: number;
  /** What passed within that time. */
  readonly replies: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * The latencies from the time at which a request was due, in microseconds. A request
   * without a reply counts with the time that it had waited. `undefined` in a closed
   * loop, where no request is due before it is sent.
   */
  readonly corrected: Histogram | undefined;
  /** The same from the time at which a request was sent. */
  readonly uncorrected: Histogram;
  readonly errors: ErrorCounts;
  /** The first error of a connection, where there was one. */
  readonly firstError: unknown;
  /** Whether it was ended before its time. */
  readonly interrupted: boolean;
}

/** No errors yet. */
export function noErrors(): ErrorCounts {
  return {
    refused: 0,
    reset: 0,
    closed: 0,
    timedOut: 0,
    badFrame: 0,
    unasked: 0,
    unanswered: 0,
    unsent: 0,
    other: 0,
  };
}

/** How many errors there were. */
export function sumOfErrors(errors: ErrorCounts): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** The kind of an error that ended a connection; `undefined` is the end of the peer. */
export function errorKindOf(error: unknown): ErrorKind {
  if (error === undefined) return "closed";
  if (error instanceof FrameError) return "badFrame";
  switch (error instanceof NetError ? error.code : undefined) {
    case "CONNECTION_REFUSED":
      return "refused";
    case "CONNECTION_RESET":
      return "reset";
    case "TIMED_OUT":
      return "timedOut";
    default:
      return "other";
  }
}
