import type { Peer, PeerOptions } from "./peer.ts";

/** The runtimes that the rows are measured on. */
export const runtimeNames = ["deno", "bun", "node"] as const;

export type RuntimeName = typeof runtimeNames[number];

/** One promise, and how it is measured. */
export interface Row {
  readonly name: string;
  readonly promise: string;
  /** What must hold, with its figure. */
  readonly bar: string;
  /** What `--sabotage` makes wrong, so that the bar must be missed. */
  readonly sabotage: string;
  /** About how long the short form takes on one runtime, in seconds. */
  readonly seconds: number;
  measure(run: Run): Promise<Finding>;
}

/** What was measured. */
export interface Finding {
  readonly figure: string;
  readonly holds: boolean;
  /** Lines of Markdown with more of it. */
  readonly details?: readonly string[];
}

/** One measurement of a row on a runtime. */
export interface Run {
  readonly runtime: RuntimeName;
  /** Whether the setting or the server is to be a wrong one. */
  readonly sabotaged: boolean;
  /** Whether this is a soak. */
  readonly long: boolean;
  /** The right one, or the one that sabotage puts in its place. */
  either<T>(right: T, wrong: T): T;
  /** The one of the short form, or of the soak. */
  length<T>(short: T, long: T): T;
  /** Starts a program of `peers/` on the runtime; it is ended with the run. */
  start(
    program: string,
    settings?: Readonly<Record<string, unknown>>,
    options?: PeerOptions,
  ): Promise<Peer>;
}
