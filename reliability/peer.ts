import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RuntimeName } from "./row.ts";
import { printSettings } from "./settings.ts";

const folder = fileURLToPath(new URL("../", import.meta.url));

/** What runs a program on each runtime: `main.ts` says so. */
const commands: Readonly<Record<RuntimeName, readonly [string, ...string[]]>> =
  JSON.parse(process.env.FRAMEWIRE_RUNTIMES ?? "{}");

/** Options of {@linkcode Peer.start}. */
export interface PeerOptions {
  /** How many files and sockets it may have open. */
  readonly descriptors?: number;
}

/**
 * A program under test, on any runtime. It prints a line of JSON when it is ready,
 * and answers calls, which are lines of JSON as well: see `peers/control.ts`.
 */
export class Peer {
  /** What it printed first. */
  readonly first: Readonly<Record<string, unknown>>;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: string[];

  private constructor(
    process: ChildProcess,
    lines: AsyncIterator<string>,
    stderr: string[],
    first: Readonly<Record<string, unknown>>,
  ) {
    this.#process = process;
    this.#lines = lines;
    this.#stderr = stderr;
    this.first = first;
  }

  /** @param program Its path in the project. */
  static async start(
    runtime: RuntimeName,
    program: string,
    settings: Readonly<Record<string, unknown>>,
    { descriptors }: PeerOptions = {},
  ): Promise<Peer> {
    const command = [
      ...commands[runtime],
      `${folder}${program}`,
      printSettings(settings),
    ];
    const [file, ...args] = descriptors === undefined
      ? command
      : ["sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", ...command];
    const child = spawn(file!, args, { cwd: folder });
    // A program that has ended takes no calls: they fail, as they get no answer.
    child.stdin.on("error", () => undefined);
    const stderr: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text) => stderr.push(text));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await nextLine(lines, stderr);
    return new Peer(
      child,
      lines,
      stderr,
      first as Readonly<Record<string, unknown>>,
    );
  }

  /** Where it listens. */
  get port(): number {
    return Number(this.first.port);
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Whether it runs and has complained of nothing. */
  get unharmed(): boolean {
    return this.#process.exitCode === null &&
      this.#process.signalCode === null && this.#stderr.length === 0;
  }

  /** What it wrote to its standard error. */
  get complaints(): string {
    return this.#stderr.join("");
  }

  /** Resolves when it has ended, with its status; `undefined` for a signal. */
  async exited(): Promise<number | undefined> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      await once(this.#process, "exit");
    }
    return this.#process.exitCode ?? undefined;
  }

  /** Has it do something, and returns what comes of it. */
  async call<T>(name: string, argument?: unknown): Promise<T> {
    this.#process.stdin!.write(`${printSettings({ name, argument })}\n`);
    return await nextLine(this.#lines, this.#stderr) as T;
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#process.kill(signal);
  }

  /** The memory that it has, in bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
  }

  /** The CPU time that it has used, all threads, in seconds. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces; user and system time are the
    // 12th and 13th field behind it, in ticks of 10 ms.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** How many files and sockets it has open. */
  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** How many TCP sockets it has open; a runtime opens other files when it likes. */
  tcpSockets(): number {
    const folder = `/proc/${this.pid}/fd`;
    // The tenth field of a line is the number that the descriptor links to.
    const inodes = new Set(
      readFileSync(`/proc/${this.pid}/net/tcp`, "utf8").split("\n")
        .map((line) => `socket:[${line.trim().split(/\s+/)[9]}]`),
    );
    return readdirSync(folder)
      .filter((name) => inodes.has(linkOf(`${folder}/${name}`))).length;
  }
}

/** What a descriptor is, where it has not been closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

async function nextLine(
  lines: AsyncIterator<string>,
  stderr: readonly string[],
): Promise<unknown> {
  const { done, value } = await lines.next();
  if (done) throw new Error(`The program ended: ${stderr.join("").trim()}`);
  return JSON.parse(value);
}

/**
 * Watches the memory of a program while something goes on; how much more it had at
 * most than before, in bytes.
 */
export async function growthOf(
  peer: Peer,
  work: () => Promise<unknown>,
  before: number = peer.residentBytes(),
): Promise<number> {
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, peer.residentBytes());
  }, 10);
  try {
    await work();
    most = Math.max(most, peer.residentBytes());
  } finally {
    clearInterval(timer);
  }
  return most - before;
}
