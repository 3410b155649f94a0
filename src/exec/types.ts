import type { Address } from "../net/address.ts";
import type { CommandErrorCode } from "./errors.ts";

/** Which stream of a program a piece of output comes from. */
export type OutputStream = "stdout" | "stderr";

/** A piece of output, as it appeared. */
export interface CommandOutput {
  /** Where it comes from. */
  readonly stream: OutputStream;
  /**
   * Its number: one count from 0 over both streams, in the order in which they
   * were read. Within a stream that is the order in which the program wrote.
   */
  readonly sequence: number;
  /** The bytes. */
  readonly data: Uint8Array;
}

/**
 * Why a run ended:
 *
 * - `exited`: the program ended by itself.
 * - `timed-out`: it was ended after `timeoutMs`.
 * - `output-limit`: it was ended for more output than `maxOutput`.
 * - `cancelled`: it was ended because the client asked for it.
 * - `disconnected`: it was ended because the client had gone.
 * - `closing`: it was ended because the server closes.
 */
export type EndReason =
  | "exited"
  | "timed-out"
  | "output-limit"
  | "cancelled"
  | "disconnected"
  | "closing";

/** How a run ended. */
export interface CommandExit {
  /** The exit status; `null` where a signal ended the program. */
  readonly code: number | null;
  /** The name of the signal that ended the program, or `null`. */
  readonly signal: string | null;
  /** Why it ended. */
  readonly reason: EndReason;
  /** Whether there was output that was not sent. */
  readonly truncated: boolean;
  /** How many bytes of standard output were sent. */
  readonly stdoutLength: number;
  /** How many bytes of standard error were sent. */
  readonly stderrLength: number;
  /**
   * SHA-256 of what was sent of each stream, in lower-case hexadecimal. It detects
   * accidental damage. It is no security: an attacker who can change the output in
   * transit can change the digest, too.
   */
  readonly sha256: { readonly stdout: string; readonly stderr: string };
  /** How long it took from the start to the end, in milliseconds. */
  readonly durationMs: number;
}

/** Who asks for a command. */
export interface Caller {
  /** Where the client is. */
  readonly address: Address;
  /** The number of the connection, from 1, unique within the server. */
  readonly connection: number;
  /** Whether the client has shown that it knows the secret. */
  readonly authenticated: boolean;
}

/** Something was refused. */
export interface AuditRefusal {
  /** What happened. */
  readonly event: "refused";
  /** When. */
  readonly time: Date;
  /** Who asked. */
  readonly caller: Caller;
  /** The name of the command, as it was given, where there is one. */
  readonly command?: string;
  /**
   * The arguments, as they were given; not where they are nested too deeply, or
   * the hook threw when it was told them.
   */
  readonly arguments?: unknown;
  /** Why, for programs. */
  readonly code: CommandErrorCode;
  /** Why, for people. */
  readonly message: string;
  /** The error underneath, which the client is not told. */
  readonly cause?: unknown;
}

/** A command is about to run. */
export interface AuditStart {
  /** What happened. */
  readonly event: "started";
  /** When. */
  readonly time: Date;
  /** Who asked. */
  readonly caller: Caller;
  /** The name of the command. */
  readonly command: string;
  /** The arguments that the program gets. */
  readonly arguments: readonly string[];
}

/** A command has ended. */
export interface AuditEnd {
  /** What happened. */
  readonly event: "ended";
  /** When. */
  readonly time: Date;
  /** Who asked. */
  readonly caller: Caller;
  /** The name of the command. */
  readonly command: string;
  /** The arguments that the program got. */
  readonly arguments: readonly string[];
  /** How it ended. */
  readonly exit: CommandExit;
}

/** What the audit hook is told. */
export type AuditRecord = AuditRefusal | AuditStart | AuditEnd;
