/**
 * `deno task test`: every check and every test of the project, set-up included.
 *
 * Test files end in `_test.ts` and lie below `tests/`. They are written with
 * `node:test` and run on Deno, Bun and Node alike. A file named `*_deno_test.ts`
 * runs on Deno only: leak tests written with `Deno.test`, whose sanitizers
 * `node:test` does not have, and tests that start the other runtimes themselves.
 *
 * Skip a test with the option, `test(name, { skip: "why" }, ...)`: Deno reports
 * one that calls `t.skip()` as passed.
 */

import { parseArgs } from "node:util";
import { checks, documentationTests } from "./testing/checks.ts";
import { type Outcome, printSummary } from "./testing/report.ts";
import { isRuntimeName, runtimeNames, suites } from "./testing/runtimes.ts";
import { prepare } from "./testing/setup.ts";

const help = `deno task test [--runtime=deno,bun,node] [part of a file name ...]

Without arguments: installs what is missing, then runs fmt, lint, type check,
documentation lint, documentation examples, and all tests on Deno, Bun and Node.

  --runtime=a,b    only the test files, only on these runtimes
  part of a name   only the test files whose path contains one of the parts
  --help           this text

The last line is the sum: "N passed, N failed". Exit status 1 if any failed.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      runtime: { type: "string", multiple: true },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const names = (values.runtime ?? [...runtimeNames])
    .flatMap((value) => value.split(","));
  const unknown = names.find((name) => !isRuntimeName(name));
  if (unknown !== undefined) {
    throw new TypeError(`Unknown runtime: ${unknown}\n\n${help}`);
  }

  const environment = await prepare();
  const narrowed = values.runtime !== undefined || positionals.length > 0;
  const outcomes: Outcome[] = [];
  if (!narrowed) {
    outcomes.push(...await checks(environment));
    outcomes.push(await documentationTests(environment));
  }
  const chosen = runtimeNames.filter((name) => names.includes(name));
  outcomes.push(...await suites(chosen, positionals, environment));
  return printSummary(outcomes);
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
