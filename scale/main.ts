/**
 * `deno task scale`: what the rooms of several nodes promise, under load and while
 * engines and nodes are killed, each with its figure. Nodes are processes on Deno, Bun
 * and Node in turn. Rows are measured one after another.
 */
import { parseArgs } from "node:util";
import { machine, tableOf, writePage } from "../reliability/markdown.ts";
import { measureApart } from "../reliability/measure_row.ts";
import {
  type Measured,
  printLine,
  printSums,
  setWidths,
} from "../reliability/report.ts";
import { prepare } from "../scripts/testing/setup.ts";
import { engineNames, type ScaleOptions } from "./row.ts";
import { rows } from "./rows/mod.ts";

/** The longest that a row may take, besides the time for which clients are away. */
const ROW_MS = 240_000;

const help =
  `deno task scale [--row=NAME] [--engine=nats,redis,memory] [--quick] [--away=SECONDS]
                [--baseline=FOLDER] [--markdown]

  --row=NAME         only rows whose name contains it; can be given more than once
  --engine=a,b       only with these engines
  --quick            fewer repeats: 3 minutes in place of 12
  --away=SECONDS     for how long clients stay away in the row comeback; 60, and 2
                     with --quick, unless it is given
  --baseline=FOLDER  another checkout of the project, for the row in-process
  --markdown         writes docs/scale.md, from all rows with all engines
  --help             this text

Exit status 1 if a promise does not hold.

rows: ${rows.map(({ name }) => name).join(", ")}`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      row: { type: "string", multiple: true, default: [] },
      engine: { type: "string", default: engineNames.join() },
      quick: { type: "boolean", default: false },
      away: { type: "string" },
      baseline: { type: "string" },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const wanted = values.engine.split(",");
  const engines = engineNames.filter((name) => wanted.includes(name));
  const { quick, baseline } = values;
  const away = Number(values.away ?? (quick ? 2 : 60));
  const chosen = rows.filter(({ name }) =>
    values.row.length === 0 || values.row.some((part) => name.includes(part))
  );
  const all = engines.flatMap((engine) =>
    chosen.filter((row) => row.engines.includes(engine))
      .map((row) => ({ row, engine }))
  );
  if (engines.length !== wanted.length || all.length === 0 || !(away > 0)) {
    console.error(help);
    return 2;
  }
  if (Deno.build.os !== "linux") {
    console.error("The figures are read from /proc: they need Linux");
    return 2;
  }
  const options: ScaleOptions = {
    quick,
    away,
    ...baseline !== undefined && { baseline: await Deno.realPath(baseline) },
  };
  const environment = await prepare();
  setWidths(chosen);
  const measured: Measured[] = [];
  const notes: string[] = [];
  for (const { row: { name, promise, bar }, engine } of all) {
    const { figure, holds, seconds, details = [] } = await measureApart(
      ["scale/measure.ts", name, engine, JSON.stringify(options)],
      environment,
      ROW_MS + away * 1_000,
    );
    const one: Measured = {
      row: name,
      runtime: engine,
      promise,
      bar,
      figure,
      seconds,
      ok: holds,
    };
    measured.push(one);
    printLine(one, measured.length, all.length);
    for (const line of details) console.log(line);
    notes.push(...details);
  }
  if (values.markdown) await writeMarkdown(measured, notes);
  printSums(measured);
  return measured.every(({ ok }) => ok) ? 0 : 1;
}

async function writeMarkdown(
  measured: readonly Measured[],
  notes: readonly string[],
): Promise<void> {
  await writePage("scale", [
    "# Scale",
    "",
    "What holds for the rooms of several nodes, with the figure that shows it.",
    "`deno task scale` measures the table again, and `deno task scale --markdown` writes",
    "this page. Nodes are processes on Deno, Bun and Node. The server of the engine, the",
    "nodes and all clients share one machine. What outlives the kill of an engine need",
    "not outlive a loss of power: JetStream 2.9 cannot be told to sync each message",
    "(`sync_interval: always`), but gives it to the operating system before it",
    "acknowledges it. Redis runs with `appendfsync always` where it is killed.",
    "",
    `Measured on ${await machine()}.`,
    "",
    ...tableOf(measured),
    "",
    ...notes,
    "",
  ]);
}

Deno.exit(await main());
