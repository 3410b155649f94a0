import { NetError } from "../net/errors.ts";
import { nextTask } from "../net/timer.ts";
import type { Transport } from "../net/transport.ts";

/** The two ends of a connection, which a test uses up. */
export interface TransportPair {
  /** One end: what is written to it arrives at the other. */
  readonly a: Transport;
  /** The other end. */
  readonly b: Transport;
  /** Releases what the connection was made of; both ends were aborted before. */
  dispose?(): Promise<void> | void;
}

/** What the body of a test is given. */
export interface TransportTestContext extends TransportPair {
  readonly resets: boolean;
  readonly maxBytesInFlight: number;
}

/** A test before it was given its pair. */
export type TransportTestBodies = Readonly<
  Record<string, (context: TransportTestContext) => Promise<void>>
>;

/** Throws if an error is not that of a connection closed on this side. */
export function ensureClosed(error: unknown): void {
  if (error instanceof NetError && error.code === "CONNECTION_CLOSED") return;
  throw new Error(
    `Expected a NetError with the code CONNECTION_CLOSED, got ${error}`,
  );
}

/** Lets a few turns of the event loop go by, in which nothing may happen. */
export async function aFewTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>(nextTask);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
