/**
 * Why a command was not run, or its output cannot be had:
 *
 * - `AUTHENTICATION_REQUIRED`: one side knows no secret, and the other asks for
 *   it.
 * - `AUTHENTICATION_FAILED`: the peer does not know the secret.
 * - `COMMAND_UNKNOWN`: no command is registered under the name.
 * - `ARGUMENTS_INVALID`: the command does not take these arguments.
 * - `INPUT_REFUSED`: the command takes no standard input.
 * - `TOO_MANY_RUNS`: as many are running as may.
 * - `TOO_MANY_CONNECTIONS`: as many clients are connected as may.
 * - `AUDIT_FAILED`: the run could not be recorded, and was not started.
 * - `START_FAILED`: the program could not be started.
 * - `PROTOCOL_ERROR`: the peer does not keep to the protocol.
 * - `OUTPUT_DAMAGED`: the output does not have the digest that came with it.
 * - `OUTPUT_TOO_LARGE`: there is more output than was to be collected.
 */
export type CommandErrorCode =
  | "AUTHENTICATION_REQUIRED"
  | "AUTHENTICATION_FAILED"
  | "COMMAND_UNKNOWN"
  | "ARGUMENTS_INVALID"
  | "INPUT_REFUSED"
  | "TOO_MANY_RUNS"
  | "TOO_MANY_CONNECTIONS"
  | "AUDIT_FAILED"
  | "START_FAILED"
  | "PROTOCOL_ERROR"
  | "OUTPUT_DAMAGED"
  | "OUTPUT_TOO_LARGE";

/**
 * The error of a command that was refused, or whose output is lost. That a
 * program failed is none: its exit status says so.
 *
 * @example
 * ```ts
 * import { CommandError } from "@framewire/framewire/exec";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CommandError("COMMAND_UNKNOWN", "No such command");
 * assertEquals(error.code, "COMMAND_UNKNOWN");
 * ```
 */
export class CommandError extends Error {
  /** What went wrong, for programs. */
  readonly code: CommandErrorCode;

  /** Makes an error of the code. */
  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
    this.code = code;
  }
}

/**
 * The error that a client is told. An error that is no refusal becomes
 * `START_FAILED`, without its details.
 */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError("START_FAILED", "The command could not be run", {
    cause: error,
  });
}
