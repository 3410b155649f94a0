import type { ExitCode } from "./errors.ts";
import type { Flags } from "./flags.ts";
import type { Output } from "./output.ts";

/** Standard input. */
export interface Input {
  /** Whether a person types it. */
  readonly isTerminal: boolean;
  /** Its bytes as they arrive; can be asked for once. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Lets a person edit lines; only on a terminal. */
  editor(): LineEditor;
}

/** A line of a terminal that a person edits, with a history. */
export interface LineEditor extends AsyncIterable<string> {
  /** Takes the line away, so that something can be printed. */
  hide(): void;
  /** Shows the line again. */
  show(): void;
  /** Gives the terminal back. */
  close(): void;
}

/** What a verb runs with. */
export interface Program {
  /** What was given on the command line; `undefined` where a flag was not. */
  readonly flags: Flags;
  /** The arguments that are no flags, without the verb. */
  readonly operands: readonly string[];
  readonly stdin: Input;
  /** For data, and nothing else. */
  readonly stdout: Output;
  /** For progress, notes, summaries and errors. */
  readonly stderr: Output;
  /** Aborted by Ctrl-C, and when the reader of standard output has left. */
  readonly signal: AbortSignal;
}

/** What the command does when its name stands first. It may throw: see `exitCodeOf`. */
export type Verb = (program: Program) => Promise<ExitCode>;
