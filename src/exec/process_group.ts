import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { CommandError } from "./errors.ts";

/** No system numbers its processes so high. */
const NO_PROCESS = 2 ** 30;

/**
 * Makes sure that processes can be ended from here. What could not be must not be
 * started.
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

/** The groups that are running, to be ended with this process. */
const running = new Set<ProcessGroup>();

/** The last that this process does: nothing here may wait. */
function endAll(): void {
  for (const group of running) group.signal("SIGKILL");
}

/**
 * The processes that came of one program: those that it started too, unless they
 * made themselves a session of their own.
 */
export class ProcessGroup {
  readonly #id: number;
  /** Whether none is left: the system may give the number to others then. */
  #gone = false;

  /** @param id The process id of the program, which leads the group. */
  constructor(id: number) {
    this.#id = id;
    if (running.size === 0) process.on("exit", endAll);
    running.add(this);
  }

  /**
   * Whether there is one left that runs. Where the first process of the system
   * reaps no orphans, as in many a container, those that have ended stay in the
   * group, and only Linux says that they have.
   */
  async isRunning(): Promise<boolean> {
    if (!this.signal(0)) return false;
    if (process.platform !== "linux") return true;
    for (const name of await readdir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      // It may end meanwhile: then it is none of those that run.
      const stat = await readFile(`/proc/${name}/stat`, "utf8")
        .catch(() => "");
      // The name of the program, in parentheses, can have anything in it.
      const [state = "", , group] = stat.slice(stat.lastIndexOf(")") + 2)
        .split(" ");
      if (Number(group) === this.#id && !"ZX".includes(state)) return true;
    }
    return false;
  }

  /** Sends a signal to all; `false` when none is left. */
  signal(signal: "SIGTERM" | "SIGKILL" | 0): boolean {
    if (this.#gone) return false;
    try {
      process.kill(-this.#id, signal);
      return true;
    } catch (error) {
      // EPERM: those that are left run as another user. They cannot be ended
      // from here, and waiting for them is bounded.
      if (isErrorWith(error, "EPERM")) return true;
      if (!isErrorWith(error, "ESRCH")) throw error;
      this.release();
      return false;
    }
  }

  /** Lets go: no signal is sent any more. */
  release(): void {
    this.#gone = true;
    running.delete(this);
    if (running.size === 0) process.off("exit", endAll);
  }
}

function isErrorWith(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
