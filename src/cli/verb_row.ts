import type { Flags } from "./flags.ts";

/** An argument that is no flag. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  readonly repeated?: boolean;
  /** What completions offer. */
  readonly offers?: readonly string[] | "files" | "presets" | "verbs";
}

/** What a verb is: its help, its manual, its completions and its flags. */
export interface VerbRow {
  /** What it does, in one line. */
  readonly summary: string;
  /** What else is to be known, in paragraphs. */
  readonly about: readonly string[];
  readonly operands: readonly Operand[];
  readonly flags: readonly (keyof Flags)[];
  /** Commands without `framewire`, and what they are for. */
  readonly examples: readonly (readonly [command: string, why: string])[];
}

/** The name of a verb. */
export type VerbName =
  | "connect"
  | "listen"
  | "send"
  | "request"
  | "decode"
  | "encode"
  | "inspect"
  | "guess"
  | "proxy"
  | "record"
  | "replay"
  | "bench"
  | "conform"
  | "presets"
  | "format"
  | "generate"
  | "completions"
  | "man"
  | "help";
