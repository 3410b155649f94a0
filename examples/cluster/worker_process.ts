import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What starts a program on this runtime. Deno shares ports with this flag only. */
const runtime = "Deno" in globalThis
  ? ["run", "-A", "--no-check", "--unstable-net"]
  : [];

/** A process of a cluster that listens. */
export interface Worker {
  readonly pid: number;
  readonly address: string;
  /** How it has ended: its exit status, or the name of the signal that killed it. */
  readonly ended: Promise<number | string>;
  /**
   * Tells it to end, and waits until it has answered everything.
   *
   * @throws {Error} If it ends in another way.
   */
  stop(): Promise<void>;
}

/**
 * Starts a process and waits until it listens.
 *
 * @throws {Error} If it does not. It has said why, on standard error.
 */
export async function startWorker(
  address: string,
  journal: string,
): Promise<Worker> {
  const program = fileURLToPath(new URL("worker.ts", import.meta.url));
  const args = [...runtime, program, address, journal];
  const child = spawn(process.execPath, args, {
    // Its standard input ends with this process, and so does it.
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "?"));
  });
  const listens = new Promise<Uint8Array>((resolve) =>
    child.stdout.once("data", resolve)
  );
  const first = await Promise.race([listens, ended]);
  if (typeof first !== "object") {
    throw new Error(`A process has not started: it ended with ${first}`);
  }
  const pid = child.pid!;
  return {
    pid,
    address: `${first}`.trim(),
    ended,
    async stop() {
      // Deno would not wait for its exit status after `child.kill`.
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (!isOver) process.kill(pid, "SIGTERM");
      const code = await ended;
      if (code !== 0) throw new Error(`Process ${pid} ended with ${code}`);
    },
  };
}
