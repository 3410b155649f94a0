/** The processes of a measurement: servers, the load, and what they used. */
import { root } from "../scripts/testing/process.ts";

export type Command = readonly [string, ...string[]];

const bin = `${root}node_modules/.bin/`;

/** What runs a program on each runtime. */
export const runtimes: Readonly<Record<string, Command>> = {
  Deno: [Deno.execPath(), "run", "-A", "--no-check"],
  Bun: [`${bin}bun`],
  Node: [`${bin}node`],
};

/** The load generator, and whether it is the one in C. */
export interface LoadGenerator {
  readonly command: Command;
  readonly exact: boolean;
}

/** Builds `load.c`, where there is a C compiler. */
export async function loadGenerator(scratch: string): Promise<LoadGenerator> {
  const built = `${scratch}/load`;
  if (Deno.build.os === "linux") {
    try {
      await output(["cc", "-O2", "-o", built, `${root}bench/load.c`]);
      return { command: [built], exact: true };
    } catch (error) {
      console.error(
        `load.c was not built: ${
          error instanceof Error ? error.message : error
        }`,
      );
    }
  }
  return { command: [`${bin}node`, "bench/load.ts"], exact: false };
}

/** Runs a program to its end and returns what it printed. */
export async function output(
  [program, ...args]: Command,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: root,
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program}: ${text.decode(stderr).trim()}`);
  return text.decode(stdout).trim();
}

/** A process that prints a line and goes on. */
export class Running implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;

  constructor([program, ...args]: Command) {
    this.#process = new Deno.Command(program, {
      args,
      cwd: root,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** What it prints first. */
  async line(): Promise<string> {
    const { value = "" } = await this.#lines.read();
    if (value === "") throw new Error("A process ended before it was ready");
    return value.trim();
  }

  /** The CPU time that it has used, all threads, in seconds; Linux only. */
  async cpuSeconds(): Promise<number> {
    const stat = await readProc(this.#process.pid, "stat");
    // The name, in parentheses, may hold spaces; user and system time are the
    // 12th and 13th field behind it, in ticks of 10 ms.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** The memory that it has, in bytes; Linux only. */
  async residentBytes(): Promise<number> {
    const status = await readProc(this.#process.pid, "status");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1_024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#lines.cancel();
    await this.#process.stdin.abort().catch(() => {});
    await this.#process.status;
  }
}

/** An empty text where the system has no `/proc`. */
async function readProc(pid: number, file: string): Promise<string> {
  if (Deno.build.os !== "linux") return "";
  return await Deno.readTextFile(`/proc/${pid}/${file}`);
}
