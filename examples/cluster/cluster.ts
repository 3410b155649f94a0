import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What starts a program on this runtime. Deno shares ports with this flag only. */
const runtime = "Deno" in globalThis
  ? ["run", "-A", "--no-check", "--unstable-net"]
  : [];

/** A process of the cluster that listens. */
interface Worker {
  readonly process: ChildProcess;
  readonly address: string;
  /** How it has ended. */
  readonly ended: Promise<number | null>;
}

/** Processes that listen at one port; the system spreads the connections over them. */
export class Cluster {
  /** Where they listen. */
  readonly address: string;
  readonly #journal: string;
  readonly #workers: Worker[];

  private constructor(workers: Worker[], address: string, journal: string) {
    this.#workers = workers;
    this.address = address;
    this.#journal = journal;
  }

  /**
   * Starts the processes. The first one takes a free port, the others the same.
   *
   * @throws {Error} If one does not start. It has said why, on standard error.
   */
  static async start(size: number, journal: string): Promise<Cluster> {
    const first = await startWorker("tcp://127.0.0.1:0", journal);
    const cluster = new Cluster([first], first.address, journal);
    while (cluster.#workers.length < size) {
      cluster.#workers.push(await startWorker(first.address, journal));
    }
    return cluster;
  }

  /** The ids of the processes. */
  get pids(): number[] {
    return this.#workers.map(({ process }) => process.pid!);
  }

  /**
   * Replaces the processes one after the other. A new one listens before the old one
   * is told to end, and the next one waits until that has answered everything.
   */
  async restart(): Promise<void> {
    for (const [i, old] of this.#workers.entries()) {
      this.#workers[i] = await startWorker(this.address, this.#journal);
      await stop(old);
    }
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map(stop));
  }
}

/** Starts a process and waits until it listens. */
async function startWorker(address: string, journal: string): Promise<Worker> {
  const program = fileURLToPath(new URL("worker.ts", import.meta.url));
  const args = [...runtime, program, address, journal];
  const child = spawn(process.execPath, args, {
    // Its standard input ends with this process, and so does it.
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const listens = new Promise<string>((resolve) =>
    child.stdout.once("data", (line: Uint8Array) => resolve(`${line}`.trim()))
  );
  const first = await Promise.race([listens, ended]);
  if (typeof first === "string") {
    return { process: child, address: first, ended };
  }
  throw new Error(`A process has not started: it ended with ${first}`);
}

/** Tells a process to end, and waits until it has answered everything. */
async function stop({ process: child, ended }: Worker): Promise<void> {
  if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
  const code = await ended;
  if (code !== 0) throw new Error(`A process ended with ${code}`);
}
