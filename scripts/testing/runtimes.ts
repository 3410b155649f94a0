/** Runs the test files on each runtime. */

import { readJUnit, type TestCase } from "./junit.ts";
import { typeScriptFiles } from "./paths.ts";
import { type Finished, root, run } from "./process.ts";
import { type Outcome, step } from "./report.ts";
import type { Environment } from "./setup.ts";

/** The runtimes, in the order in which they are tested. */
export const runtimeNames = ["deno", "bun", "node"] as const;

/** One of the runtimes. */
export type RuntimeName = typeof runtimeNames[number];

/** Tells whether a text names a runtime. */
export function isRuntimeName(name: string): name is RuntimeName {
  return (runtimeNames as readonly string[]).includes(name);
}

const bun = `${root}node_modules/.bin/bun`;
const node = `${root}node_modules/.bin/node`;

/**
 * Runs the test files whose path has one of the parts, on the runtimes one after
 * another: tests with time limits share the machine's cores badly.
 */
export async function suites(
  names: readonly RuntimeName[],
  parts: readonly string[],
  environment: Environment,
): Promise<Outcome[]> {
  const files = (await typeScriptFiles("tests"))
    .filter((file) => file.endsWith("_test.ts"))
    .filter((file) =>
      parts.length === 0 || parts.some((part) => file.includes(part))
    );
  if (files.length === 0) throw new Error("No test file has such a name");
  const everywhere = files.filter((file) => !file.endsWith("_deno_test.ts"));
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const own = name === "deno" ? files : everywhere;
    if (own.length === 0) console.log(`${name}: no test file for it`);
    else outcomes.push(await suite(name, own, environment));
  }
  return outcomes;
}

async function suite(
  name: RuntimeName,
  files: readonly string[],
  environment: Environment,
): Promise<Outcome> {
  if (name === "deno") {
    return await testsOnDeno(
      `Deno ${Deno.version.deno}`,
      files,
      files,
      environment,
    );
  }
  const report = `${environment.scratch}/${name}.xml`;
  if (name === "bun") {
    return await tests(`Bun ${await version(bun)}`, files, report, [
      bun,
      "test",
      // As on the other two, where a test has no limit of its own to 5 seconds.
      "--timeout=60000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      // Without the dot Bun takes them as patterns.
      ...files.map((file) => `./${file}`),
    ]);
  }
  return await tests(`Node ${await version(node)}`, files, report, [
    node,
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
    ...files,
  ]);
}

/** Runs `deno test`. */
export async function testsOnDeno(
  name: string,
  args: readonly string[],
  files: readonly string[],
  { resolution, scratch }: Environment,
): Promise<Outcome> {
  const report = `${scratch}/${args.includes("--doc") ? "doc" : "deno"}.xml`;
  return await tests(name, files, report, [
    Deno.execPath(),
    "test",
    "--allow-all",
    // They watch what is written with Deno.test; node:test they leave alone.
    "--sanitize-ops",
    "--sanitize-resources",
    ...(args.includes("--doc") ? [] : ["--no-check"]),
    ...resolution,
    `--junit-path=${report}`,
    ...args,
  ]);
}

function tests(
  name: string,
  files: readonly string[],
  report: string,
  command: readonly [string, ...string[]],
): Promise<Outcome> {
  return step(name, async () => {
    const finished = await run(command);
    const outcome = testOutcome(
      name,
      finished,
      await readReport(report),
      files,
    );
    return { outcome, output: finished.output };
  });
}

function testOutcome(
  name: string,
  { ok, seconds }: Finished,
  cases: readonly TestCase[],
  files: readonly string[],
): Outcome {
  const failed = cases.filter((one) => one.result === "failed")
    .map((one) => one.name);
  if (!ok) {
    failed.push(
      ...withoutTests(files, cases).map((file) => `${file}: no test was run`),
    );
    // A runner can fail for more than its tests: a rejection that nobody handled,
    // a process that does not end.
    if (failed.length === 0) failed.push("the run as a whole: see above");
  }
  return {
    name,
    passed: cases.filter((one) => one.result === "passed").length,
    failed,
    skipped: cases.filter((one) => one.result === "skipped")
      .map(({ name, reason }) => reason ? `${name} (${reason})` : name),
    seconds,
  };
}

// A file that cannot be loaded is in no report.
function withoutTests(
  files: readonly string[],
  cases: readonly TestCase[],
): string[] {
  return files.filter((file) => !cases.some((one) => one.file.endsWith(file)));
}

async function readReport(path: string): Promise<TestCase[]> {
  try {
    return readJUnit(await Deno.readTextFile(path));
  } catch (error) {
    // A runner that could not even begin has written none.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function version(program: string): Promise<string> {
  const { ok, output } = await run([program, "--version"]);
  if (!ok) throw new Error(`${program} does not run:\n${output}`);
  return output.trim().replace(/^v/, "");
}
