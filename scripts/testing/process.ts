/** Runs commands that can neither hang nor ask. */

import { fileURLToPath } from "node:url";

/** What came of a command. */
export interface Finished {
  /** Whether it ended by itself with status 0. */
  readonly ok: boolean;
  /** Everything it printed, both streams as they came. */
  readonly output: string;
  /** How long it took. */
  readonly seconds: number;
}

/** Options of {@link run}. */
export interface RunOptions {
  /** Working directory. @default The root of the project. */
  readonly cwd?: string;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time limit in milliseconds. @default 600_000 */
  readonly timeoutMs?: number;
}

/** The root of the project. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Process groups that are running, to be ended with this process. */
const running = new Set<number>();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    for (const pid of running) endGroup(pid);
    Deno.exit(130);
  });
}

/** Runs a command to its end, without standard input. */
export async function run(
  command: readonly [string, ...string[]],
  { cwd = root, env = {}, timeoutMs = 600_000 }: RunOptions = {},
): Promise<Finished> {
  const started = performance.now();
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A group of its own: test runners start processes too, and one that is left
    // over keeps the pipes open, so that reading them would never end.
    detached: true,
  }).spawn();
  running.add(child.pid);

  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid);
  }, timeoutMs);

  const text: string[] = [];
  const [status] = await Promise.all([
    child.status,
    collect(child.stdout, text),
    collect(child.stderr, text),
  ]);
  clearTimeout(timer);
  running.delete(child.pid);
  if (timedOut) text.push(`\nEnded after ${timeoutMs / 1_000} s: time limit\n`);
  return {
    ok: status.success && !timedOut,
    output: text.join(""),
    seconds: (performance.now() - started) / 1_000,
  };
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  into: string[],
): Promise<void> {
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    into.push(part);
  }
}

function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    // Gone already, which is what was wanted.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
