/** Child processes that cannot outlive their test. */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/** How a child ended. */
export interface Ended {
  /** The exit status; `null` where a signal ended it. */
  readonly code: number | null;
  /** All that it printed, on either stream. */
  readonly output: string;
}

/** A program in a process of its own. */
export class Child implements AsyncDisposable {
  /** Settles when it has ended. Rejects only if it could not be started. */
  readonly ended: Promise<Ended>;
  /** The first line that it prints. Rejects if it ends without. */
  readonly firstLine: Promise<string>;

  readonly #process: ChildProcess;
  readonly #watching = new Set<() => void>();
  #output = "";

  /**
   * Starts a program.
   *
   * @param command The program and its arguments.
   * @param timeoutMs How long it may take before it is killed.
   */
  constructor(command: readonly string[], timeoutMs = 30_000) {
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      env: { ...process.env, NO_COLOR: "1" },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    this.#process = child;
    child.stdin.on("error", () => {}); // it has ended already
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#print(text);
    });
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, output: this.#output }));
    });
    this.firstLine = new Promise((resolve, reject) => {
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        this.#print(text);
        printed += text;
        const end = printed.indexOf("\n");
        if (end !== -1) resolve(printed.slice(0, end));
      });
      const fail = () =>
        reject(new Error(`${program} printed no line: ${this.#output}`));
      this.ended.then(fail, reject);
    });
    // Not every test asks for it.
    this.firstLine.catch(() => undefined);
  }

  /** The id of its process. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** What it has printed so far, on either stream. */
  get output(): string {
    return this.#output;
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.#process.stdin?.write(text);
  }

  /**
   * Waits until it has printed something, on either stream.
   *
   * @throws {Error} If it ends without.
   */
  async printed(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (this.#output.includes(text)) resolve();
    };
    this.#watching.add(look);
    look();
    await Promise.race([promise, this.ended]);
    this.#watching.delete(look);
    if (this.#output.includes(text)) return;
    throw new Error(`Never printed ${JSON.stringify(text)}: ${this.#output}`);
  }

  /** Asks it to end: by a signal, or by ending its standard input. */
  stop(how: "SIGTERM" | "stdin"): Promise<Ended> {
    const { stdin, pid } = this.#process;
    if (how === "stdin") stdin?.end();
    // After a child's own kill(), Deno takes every end for one by the signal.
    else if (pid !== undefined) process.kill(pid, how);
    return this.ended;
  }

  /** Kills it where it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await Promise.allSettled([this.ended]);
  }

  #print(text: string): void {
    this.#output += text;
    for (const look of this.#watching) look();
  }
}
