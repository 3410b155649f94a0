/**
 * `deno task bench`: frames of 64 bytes a second, and requests with replies, each
 * figure beside its floor measured in the same run. The machine is noisy: compare within a row, not
 * between days.
 */
import { ensureNodeModules } from "../scripts/testing/setup.ts";
import { root } from "../scripts/testing/process.ts";

const ROUNDS = 5;
const SECONDS = 1;
const KINDS = ["raw", "forEach", "iterate"] as const;

const bin = `${root}node_modules/.bin/`;
const runtimes: Record<string, string[]> = {
  Deno: [Deno.execPath(), "run", "-A", "--no-check"],
  Bun: [`${bin}bun`],
  Node: [`${bin}node`],
};

/** What `request_reply.ts` prints of a kind. */
interface RequestFigures {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

await ensureNodeModules();
const rows: Record<string, Record<string, string>> = {};
const requests: Record<string, Record<string, string>> = {};
for (const [name, command] of Object.entries(runtimes)) {
  progress(`${name}: codec and stream`);
  const inside: Record<string, number> = JSON.parse(
    await output([...command, "bench/in_process.ts"]),
  );
  const echo: Record<string, number[]> = {};
  // Round by round, so that a slow minute of the machine slows all alike.
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`${name}: echo server, round ${round} of ${ROUNDS}`);
    for (const kind of KINDS) {
      (echo[kind] ??= []).push(await load(command, kind));
    }
  }
  const raw = median(echo["raw"]!);
  rows[`${name}: codec`] = row(inside["codec"]!, inside["codec floor"]!);
  rows[`${name}: stream`] = row(inside["stream"]!, inside["stream floor"]!);
  rows[`${name}: echo, forEach`] = row(median(echo["forEach"]!), raw);
  rows[`${name}: echo, for await`] = row(median(echo["iterate"]!), raw);
  progress(`${name}: request and reply`);
  const kinds: Record<string, RequestFigures> = JSON.parse(
    await output([...command, "bench/request_reply.ts"]),
  );
  for (const [kind, { p50, p99, perSecond }] of Object.entries(kinds)) {
    requests[`${name}: ${kind}`] = {
      "p50, 1 in flight": `${p50} µs`,
      "p99": `${p99} µs`,
      "a second, 256 in flight": `${perSecond}`,
    };
  }
}
console.log(`Million frames of 64 bytes a second (medians).
Floors: a loop that only makes the views; a stream that only enqueues; the
runtime's own socket echoing chunks unparsed. Echo: 16 connections, 64 frames in
flight on each, the load from another process (${navigator.hardwareConcurrency} cores).`);
console.table(rows);
console.log("Requests of 64 characters and their replies, on one connection:");
console.table(requests);

/** Loads an echo server, each in a process of its own. */
async function load(command: string[], kind: string): Promise<number> {
  const [program, ...args] = command;
  const server = new Deno.Command(program!, {
    args: [...args, "bench/echo_server.ts", kind],
    cwd: root,
    stdout: "piped",
  }).spawn();
  const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const port = (await lines.read()).value?.trim() ?? "";
    return Number(
      await output([`${bin}node`, "bench/load.ts", port, String(SECONDS)]),
    );
  } finally {
    server.kill("SIGKILL");
    await lines.cancel();
    await server.status;
  }
}

async function output(command: string[]): Promise<string> {
  const [program, ...args] = command;
  const { success, stdout, stderr } = await new Deno.Command(program!, {
    args,
    cwd: root,
  }).output();
  if (!success) {
    throw new Error(
      `${command.join(" ")}: ${new TextDecoder().decode(stderr)}`,
    );
  }
  return new TextDecoder().decode(stdout);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function row(value: number, floor: number): Record<string, string> {
  return {
    "frames": (value / 1e6).toFixed(2),
    "floor": (floor / 1e6).toFixed(2),
    "of the floor": (value / floor).toFixed(2),
  };
}

/** Progress goes to where it does not disturb what is piped on. */
function progress(text: string): void {
  console.error(text);
}
