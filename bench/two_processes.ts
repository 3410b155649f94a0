/**
 * How much more two processes at one port serve than one:
 * `deno run -A bench/two_processes.ts [ROUNDS] [RUNTIMES]`, on Linux.
 *
 * The load generator runs on the same cores. On a machine of two, it takes its part of
 * the second one, so the ratio of handlers without work is below what two processes can
 * serve. With work, its part is small. Whatever else the machine does lowers the ratio,
 * too. What it would be with a core for each process follows from the CPU time of a frame.
 */
import {
  loadGenerator,
  output,
  Running,
  runtimes as commands,
} from "./processes.ts";

const SECONDS = 3;
const WARM_UP_SECONDS = 1;
const LOAD = ["64", "1", "64"]; // connections, frames in flight on each, bytes

const [rounds = "5", wanted = "Bun,Node,Deno"] = Deno.args;
const scratch = await Deno.makeTempDir({ prefix: "framewire-bench-" });
const { command: load } = await loadGenerator(scratch);

/** The frames a second that some processes serve, and the cores that they take. */
async function measure(
  runtime: string,
  hashes: number,
  processes: number,
): Promise<readonly [perSecond: number, cores: number]> {
  const [program, ...args] = commands[runtime]!;
  const flags = runtime === "Deno" ? ["--unstable-net"] : [];
  await using servers = new AsyncDisposableStack();
  const running: Running[] = [];
  let port = "0";
  for (let i = 0; i < processes; i++) {
    const server = new Running([
      program,
      ...args,
      ...flags,
      "bench/servers/sharing.ts",
      port,
      `${hashes}`,
    ]);
    running.push(servers.use(server));
    port = await server.line();
  }
  const cpu = async () =>
    (await Promise.all(running.map((server) => server.cpuSeconds())))
      .reduce((sum, seconds) => sum + seconds);
  const run = (seconds: number) =>
    output([...load, "echo", port, ...LOAD, `${seconds}`]);
  await run(WARM_UP_SECONDS);
  const before = await cpu();
  const perSecond = Number(await run(SECONDS));
  return [perSecond, (await cpu() - before) / SECONDS];
}

/** Medians of some rounds. */
interface Summary {
  readonly perSecond: number;
  readonly cores: number;
  readonly costNs: number;
}

function shown({ perSecond, cores, costNs }: Summary): string {
  return `${perSecond}/s on ${cores.toFixed(2)} cores, ${
    costNs.toFixed(0)
  } ns each`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

try {
  for (const runtime of wanted.split(",")) {
    for (const hashes of [0, 50]) {
      const measured = new Map<number, (readonly [number, number])[]>([
        [1, []],
        [2, []],
      ]);
      // In turn, so that a slow minute of the machine slows both alike.
      for (let round = 0; round < Number(rounds); round++) {
        for (const [processes, figures] of measured) {
          figures.push(await measure(runtime, hashes, processes));
        }
      }
      const [one, two] = [...measured.values()].map((figures) => ({
        perSecond: median(figures.map(([perSecond]) => perSecond)),
        cores: median(figures.map(([, cores]) => cores)),
        costNs: median(figures.map(([rate, cores]) => cores / rate * 1e9)),
      }));
      console.log(
        `${runtime}, ${hashes} hashes a frame: one serves ${shown(one!)}, two ${
          shown(two!)
        }: ${(two!.perSecond / one!.perSecond).toFixed(2)} times as many; ${
          (2 * one!.costNs / two!.costNs).toFixed(2)
        } with a core for each`,
      );
    }
  }
} finally {
  await Deno.remove(scratch, { recursive: true });
}
