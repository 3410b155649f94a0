/**
 * `deno task test`: every check and every test of the project, set-up included.
 *
 * Test files end in `_test.ts` and lie below `tests/`. They are written with
 * `node:test` and run on Deno, Bun and Node alike. A file named `*_deno_test.ts`
 * runs on Deno only: leak tests written with `Deno.test`, whose sanitizers
 * `node:test` does not have, and tests that start the other runtimes themselves.
 *
 * Five lanes run at the same time, and within a lane one thing runs after
 * another, on Deno, then Bun, then Node (`testing/lanes.ts` says which file is in
 * which lane, by its folder):
 *
 * - `timed`: all tests that look at a clock. Never two of them at once.
 * - `pure`: the checks, and tests without a clock.
 * - `processes`: tests that mostly wait for programs that they start.
 * - `tools`: tests with compilers and a browser.
 * - `engines`: tests with NATS and Redis, which mostly wait for nodes to die, and then
 *   the examples of the documentation.
 *
 * All but the first and the tests with engines run at a low priority (`nice`), so that
 * on two cores the first is not slowed down by them. With `--serial` one lane runs after
 * another.
 *
 * Behind all lanes, beside nothing else, come the tests that measure (`tests/timing`)
 * and the rows of `deno task reliability --quick`.
 *
 * Skip a test with the option, `test(name, { skip: "why" }, ...)`: Deno reports
 * one that calls `t.skip()` as passed.
 */

import { parseArgs } from "node:util";
import { reliabilityTests } from "../reliability/quick.ts";
import { checks, documentationTests } from "./testing/checks.ts";
import { joined, type Outcome, printSummary } from "./testing/report.ts";
import {
  isRuntimeName,
  runtimeNames,
  testGroups,
  testsOfLane,
} from "./testing/runtimes.ts";
import { prepare } from "./testing/setup.ts";

const help =
  `deno task test [--runtime=deno,bun,node] [--serial] [part of a file name ...]

Without arguments: installs what is missing, then runs fmt, lint, type check,
documentation lint, documentation examples, all tests on Deno, Bun and Node, and
the quick rows of deno task reliability.

  --runtime=a,b    only the test files, only on these runtimes
  --serial         nothing beside anything else: slower, easier to time
  part of a name   only the test files whose path contains one of the parts
  --help           this text

The last line is the sum: "N passed, N failed". Exit status 1 if any failed.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      runtime: { type: "string", multiple: true },
      serial: { type: "boolean", default: false },
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
  const chosen = runtimeNames.filter((name) => names.includes(name));
  const groups = await testGroups(chosen, positionals);
  const checked: Outcome[] = [];
  const lanes: (() => Promise<Outcome[]>)[] = [
    () => testsOfLane("timed", groups, environment),
    async () => {
      if (!narrowed) checked.push(...await checks(environment));
      return await testsOfLane("pure", groups, environment);
    },
    () => testsOfLane("processes", groups, environment),
    () => testsOfLane("tools", groups, environment),
    async () => {
      const outcomes = await testsOfLane("engines", groups, environment);
      if (!narrowed) outcomes.push(await documentationTests(environment));
      return outcomes;
    },
  ];
  const outcomes: Outcome[][] = [];
  if (values.serial) {
    for (const lane of lanes) outcomes.push(await lane());
  } else {
    outcomes.push(...await Promise.all(lanes.map((lane) => lane())));
  }
  outcomes.push(await testsOfLane("alone", groups, environment));
  // It measures, too; from /proc.
  if (!narrowed && Deno.build.os === "linux") {
    outcomes.push([await reliabilityTests(environment)]);
  }
  return printSummary(joined([...checked, ...outcomes.flat()]));
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
