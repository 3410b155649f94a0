/**
 * `deno task reliability`: the promises of this project, each with its figure, on
 * Deno, Bun and Node. Rows are measured one after another.
 */
import { parseArgs } from "node:util";
import { prepare } from "../scripts/testing/setup.ts";
import { writeMarkdown } from "./markdown.ts";
import { measureRow } from "./measure_row.ts";
import { QUICK_SECONDS } from "./quick.ts";
import { type Measured, printLine, printSums, setWidths } from "./report.ts";
import { runtimeNames } from "./row.ts";
import { rows } from "./rows/mod.ts";

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
      const one = await measureRow(row, runtime, environment, values);
      measured.push(one);
      if (values.json) log(JSON.stringify(one));
      else printLine(one, measured.length, count);
    }
  }
  if (values.markdown) await writeMarkdown(measured);
  printSums(measured);
  return measured.every(({ ok }) => ok) ? 0 : 1;
}

Deno.exit(await main());
