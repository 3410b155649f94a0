import process from "node:process";
import { isErrorWith } from "../net/adapters/process_group.ts";
import { CommandError } from "./errors.ts";

/** A process id that no system assigns. */
const NO_PROCESS = 2 ** 30;

/**
 * Makes sure that this program may end processes. Otherwise it must not start any.
 *
 * @throws {CommandError} If the runtime does not allow it.
 */
export function checkCanEnd(): void {
  try {
    process.kill(NO_PROCESS, "SIGTERM");
  } catch (cause) {
    if (isErrorWith(cause, "ESRCH")) return;
    throw new CommandError(
      "START_FAILED",
      "Cannot serve commands: this program may not end processes; on Deno, run it with --allow-run, without a list, and --allow-env",
      { cause },
    );
  }
}
