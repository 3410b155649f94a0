import { readdir, readFile } from "node:fs/promises";
import process from "node:process";

/** The groups that are running, to be ended with this process. */
const running = new Set<ProcessGroup>();

/** Runs when this process exits: all of it must be synchronous. */
function endAll(): void {
  for (const group of running) group.signal("SIGKILL");
}

/** Deno ends by an uncaught error without an `exit` event. */
function endAllUnlessHandled(): void {
  if (process.listenerCount("uncaughtException") === 0) endAll();
}

function watchExit(): void {
  process.on("exit", endAll);
  process.on("uncaughtExceptionMonitor", endAllUnlessHandled);
  // `Deno.exit()` has this event only.
  globalThis.addEventListener?.("unload", endAll);
}

function unwatchExit(): void {
  process.off("exit", endAll);
  process.off("uncaughtExceptionMonitor", endAllUnlessHandled);
  globalThis.removeEventListener?.("unload", endAll);
}

/**
 * The process group of a program: the program and all that it started, unless they
 * have made themselves a session of their own.
 */
export class ProcessGroup {
  readonly #id: number;
  /** Whether the group is empty. The system may assign its id anew then. */
  #gone = false;

  /** @param id The process id of the program, which leads the group. */
  constructor(id: number) {
    this.#id = id;
    if (running.size === 0) watchExit();
    running.add(this);
  }

  /**
   * Whether a process of the group is running. In many containers the init process
   * does not reap orphans, so that zombies stay in the group. Only Linux tells
   * zombies from running processes (`/proc`). Where that cannot be read, a process
   * is taken to be running.
   */
  async isRunning(): Promise<boolean> {
    if (!this.signal(0)) return false;
    if (process.platform !== "linux") return true;
    // Deno wants --allow-all for /proc, and there may be no descriptor left.
    const names = await readdir("/proc").catch(() => undefined);
    if (names === undefined) return true;
    for (const name of names) {
      if (!/^\d+$/.test(name)) continue;
      let stat: string;
      try {
        stat = await readFile(`/proc/${name}/stat`, "utf8");
      } catch (error) {
        // The process has ended meanwhile.
        if (isErrorWith(error, "ENOENT") || isErrorWith(error, "ESRCH")) {
          continue;
        }
        return true;
      }
      // The name of the program, in parentheses, can have anything in it.
      const [state = "", , group] = stat.slice(stat.lastIndexOf(")") + 2)
        .split(" ");
      if (Number(group) === this.#id && !"ZX".includes(state)) return true;
    }
    return false;
  }

  /** Sends a signal to all; `false` when none is left. Never throws. */
  signal(signal: "SIGTERM" | "SIGKILL" | 0): boolean {
    if (this.#gone) return false;
    try {
      process.kill(-this.#id, signal);
      return true;
    } catch (error) {
      // EPERM: the processes left run as another user and cannot be ended from
      // here. Waiting for them is bounded. Other errors are handled alike.
      if (!isErrorWith(error, "ESRCH")) return true;
      this.release();
      return false;
    }
  }

  /** Gives up the group: no signal is sent to it from now on. */
  release(): void {
    this.#gone = true;
    if (running.delete(this) && running.size === 0) unwatchExit();
  }
}

/** Whether an error is one of the system, with a code. */
export function isErrorWith(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
