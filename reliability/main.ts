/**
 * `deno task reliability`: the promises of this project, each with its figure, on
 * Deno, Bun and Node. Rows are measured one after another.
 */
import { parseArgs } from "node:util";
import { root, run } from "../scripts/testing/process.ts";
import { type Environment, prepare } from "../scripts/testing/setup.ts";
import { writeMarkdown } from "./markdown.ts";
import { type Measured, printLine, printSums, setWidths } from "./report.ts";
import {
  type Finding,
  type Row,
  type RuntimeName,
  runtimeNames,
} from "./row.ts";
import { rows, unbuilt } from "./rows/mod.ts";

/**
 * The rows of `--quick` take at most so long on a runtime, in seconds: less than two
 * minutes together.
 */
const QUICK_SECONDS = 4;

const help =
  `deno task reliability [--row=NAME] [--runtime=deno,bun,node] [--quick] [--long]
                      [--sabotage] [--json] [--markdown]

  --row=NAME     only rows whose name contains it; can be given more than once
  --runtime=a,b  only these runtimes
  --quick        only rows that take at most ${QUICK_SECONDS} s on a runtime
  --long         the soak of each row, which takes hours
  --sabotage     measures with a wrong setting or a wrong server: each row must
                 fail, as a check that cannot fail shows nothing
  --json         a line of JSON for each row and runtime, in place of the table
  --markdown     writes docs/reliability.md, from all rows on all runtimes
  --help         this text

Exit status 1 if a promise does not hold; with --sabotage, if one still does.

rows: ${rows.map(({ name }) => name).join(", ")}`;

const bin = `${root}node_modules/.bin/`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      row: { type: "string", multiple: true, default: [] },
      runtime: { type: "string", default: runtimeNames.join() },
      quick: { type: "boolean", default: false },
      long: { type: "boolean", default: false },
      sabotage: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const wanted = values.runtime.split(",");
  const runtimes = runtimeNames.filter((name) => wanted.includes(name));
  const chosen = rows
    .filter(({ name }) =>
      values.row.length === 0 || values.row.some((part) => name.includes(part))
    )
    .filter(({ seconds }) => !values.quick || seconds <= QUICK_SECONDS);
  if (runtimes.length !== wanted.length || chosen.length === 0) {
    console.error(help);
    return 2;
  }
  if (Deno.build.os !== "linux") {
    console.error("The figures are read from /proc: they need Linux");
    return 2;
  }
  const log = console.log;
  // Only lines of JSON go to where they are read.
  if (values.json) console.log = console.error;
  const environment = await prepare();
  setWidths(chosen);
  const measured: Measured[] = [];
  const count = runtimes.length * chosen.length;
  for (const runtime of runtimes) {
    for (const row of chosen) {
      const one = await measure(row, runtime, environment, values);
      measured.push(one);
      if (values.json) log(JSON.stringify(one));
      else printLine(one, measured.length, count);
    }
  }
  if (values.markdown) await writeMarkdown(measured, unbuilt);
  printSums(measured, values.row.length === 0 ? unbuilt : []);
  return measured.every(({ ok }) => ok) ? 0 : 1;
}

/** Measures a row in a process of its own, which leaves nothing behind. */
async function measure(
  row: Row,
  runtime: RuntimeName,
  { resolution }: Environment,
  { sabotage, long }: { sabotage: boolean; long: boolean },
): Promise<Measured> {
  const { name, promise, bar } = row;
  const { output, seconds } = await run(
    [
      `${bin}node`,
      "reliability/measure.ts",
      name,
      runtime,
      ...sabotage ? ["--sabotage"] : [],
      ...long ? ["--long"] : [],
    ],
    {
      env: {
        // It takes descriptors and time in the middle of a row.
        DENO_NO_UPDATE_CHECK: "1",
        FRAMEWIRE_RUNTIMES: JSON.stringify({
          deno: [Deno.execPath(), "run", "-A", "--no-check", ...resolution],
          bun: [`${bin}bun`],
          node: [`${bin}node`],
        }),
      },
      timeoutMs: long ? 3_600_000 : 90_000,
    },
  );
  const lines = output.trim().split("\n");
  const found = lines.findLast((line) => line.startsWith('{"figure"'));
  const { figure, holds }: Finding = found === undefined
    ? { figure: `no figure: ${lines.slice(-3).join(" ")}`, holds: false }
    : JSON.parse(found);
  return {
    row: name,
    runtime,
    promise,
    bar,
    figure,
    seconds: Math.round(seconds * 10) / 10,
    ok: holds !== sabotage,
    ...sabotage && { sabotage: row.sabotage },
  };
}

Deno.exit(await main());
