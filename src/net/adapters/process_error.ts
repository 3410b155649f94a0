import { NetError } from "../errors.ts";

/**
 * The error of a child process that failed. It is what `closed` reports, and its code
 * is `PROCESS_FAILED`.
 *
 * @example
 * ```ts
 * import { ProcessError } from "@framewire/framewire/net/process";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ProcessError("sort", 2, null);
 * assertEquals(error.message, "The program sort ended with the exit status 2");
 * ```
 */
export class ProcessError extends NetError {
  /** The exit status; `null` where a signal ended the program. */
  readonly status: number | null;
  /** The signal that ended the program, such as `"SIGKILL"`. */
  readonly signal: string | null;

  /** Makes the error of a program. */
  constructor(file: string, status: number | null, signal: string | null) {
    const how = signal === null
      ? `ended with the exit status ${status}`
      : `was ended by ${signal}`;
    super("PROCESS_FAILED", `The program ${file} ${how}`);
    this.name = "ProcessError";
    this.status = status;
    this.signal = signal;
  }
}
