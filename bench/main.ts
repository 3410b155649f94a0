/**
 * `deno task bench`: what framing costs on each runtime, beside the runtime's own
 * sockets and the same by hand, under the same load from another process.
 *
 * Costs are the server's own CPU time, all threads: that is blurred less by
 * whatever else a machine does than messages a second are. Compare within a run,
 * not between days.
 */
import { parseArgs } from "node:util";
import { ensureNodeModules } from "../scripts/testing/setup.ts";
import {
  type LoadGenerator,
  loadGenerator,
  output,
  runtimes,
} from "./processes.ts";
import {
  type Figure,
  floorOf,
  type ServerName,
  servers,
  type Shape,
  shapes,
} from "./shapes.ts";

const help =
  `deno task bench [--rounds=5] [--runtime=deno,bun,node] [--row=NAME] [part ...]

  part            only shapes, or servers, whose name contains it; of both where
                  there are parts of both kinds
  shapes          ${shapes.map(({ name }) => name).join("\n                  ")}
                  message: requests and replies, 256 in flight
                  conversations: dialects beside the libraries for them
                  codec: codecs and streams inside one process, beside others;
                         --row: only rows whose name contains it
  servers         ${servers.join(", ")}`;

/** The shapes that programs of their own measure, within one runtime. */
const programs = {
  message: "request_reply.ts",
  conversations: "conversations.ts",
  codec: "in_process.ts",
} as const;

const { values, positionals: parts } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    runtime: { type: "string", default: "deno,bun,node" },
    row: { type: "string", default: "" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = Object.entries(runtimes).filter(([name]) =>
  values.runtime.split(",").includes(name.toLowerCase())
);
const names = [...shapes.map(({ name }) => name), ...Object.keys(programs)];
const isPartOf = (names: readonly string[]) => (part: string) =>
  names.some((name) => name.includes(part));
// A part such as "raw" names servers, one such as "idle" a shape.
const serverParts = parts.filter(isPartOf(servers));
const shapeParts = parts.filter(isPartOf(names));
const unknown = parts.find((part) => !isPartOf([...servers, ...names])(part));

if (values.help) {
  console.log(help);
} else if (
  unknown !== undefined || !(rounds >= 1) || !Number.isInteger(rounds) ||
  wanted.length === 0
) {
  console.error(
    unknown === undefined ? help : `No such: ${unknown}\n\n${help}`,
  );
  Deno.exitCode = 2;
} else {
  await ensureNodeModules();
  const scratch = await Deno.makeTempDir({ prefix: "framewire-bench-" });
  try {
    await bench(await loadGenerator(scratch));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function bench(load: LoadGenerator): Promise<void> {
  if (!load.exact) {
    console.log(
      "NOTE: no load generator in C (it takes Linux and a compiler called cc). The one in TypeScript is itself the slower side: rates and differences are understated.",
    );
  }
  if (Deno.build.os !== "linux") {
    console.log(
      "NOTE: CPU time and memory are read from /proc: only on Linux.",
    );
  }
  for (const shape of shapes.filter(({ name }) => isWanted(name))) {
    await benchShape(shape, load);
  }
  for (const [name, program] of Object.entries(programs)) {
    if (isWanted(name)) await benchProgram(name, program);
  }
}

function isWanted(shape: string): boolean {
  return shapeParts.length === 0
    // Servers alone were asked for: the programs know none of them.
    ? serverParts.length === 0 || !(shape in programs)
    : shapeParts.some((part) => shape.includes(part));
}

async function benchShape(shape: Shape, load: LoadGenerator): Promise<void> {
  const chosen = shape.servers.filter((server) =>
    serverParts.length === 0 ||
    serverParts.some((part) => server.includes(part))
  );
  const figures = new Map<string, Figure[]>();
  // Round by round, so that a slow minute of the machine slows all alike.
  for (let round = 1; round <= rounds; round++) {
    for (const [runtime, command] of wanted) {
      for (const server of chosen) {
        progress(`${shape.name}, round ${round}: ${runtime} ${server}`);
        const figure = await shape.measure(
          [...command, "bench/servers/main.ts", server],
          load,
        );
        const key = `${runtime} ${server}`;
        figures.set(key, [...figures.get(key) ?? [], figure]);
      }
    }
  }
  const cost = (runtime: string, server: ServerName) =>
    median(figures.get(`${runtime} ${server}`)?.map(({ cost }) => cost) ?? []);
  console.log(`\n${shape.name} (medians of ${rounds})`);
  console.table(
    Object.fromEntries(
      wanted.flatMap(([runtime]) =>
        chosen.map((server) => [`${runtime} ${server}`, {
          [`${shape.counted}/s`]: rounded(median(
            figures.get(`${runtime} ${server}`)!
              .map(({ perSecond = NaN }) => perSecond),
          )),
          [`${shape.unit} each`]: rounded(cost(runtime, server)),
          "raw / this": ratio(cost(runtime, "raw"), cost(runtime, server)),
          "by hand / this": ratio(
            cost(runtime, floorOf(server)),
            cost(runtime, server),
          ),
        }])
      ),
    ),
  );
}

async function benchProgram(name: string, program: string): Promise<void> {
  for (const [runtime, command] of wanted) {
    progress(`${name}: ${runtime}`);
    console.log(`\n${name}, ${runtime}`);
    console.table(
      JSON.parse(
        await output([
          ...command,
          `bench/${program}`,
          `${rounds}`,
          values.row,
        ]),
      ),
    );
  }
}

/** Not a number where there is nothing. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function ratio(floor: number, cost: number): number | string {
  return rounded(floor / cost, 2);
}

/** A dash for what was not measured. */
function rounded(value: number, digits = 0): number | string {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : "-";
}

/** Progress goes to where it does not disturb what is piped on. */
function progress(text: string): void {
  console.error(text);
}
