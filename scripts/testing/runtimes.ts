/** Runs the test files on each runtime. */

import { readJUnit, type TestCase } from "./junit.ts";
import {
  groupOf,
  inBackground,
  isInBackground,
  type Lane,
  laneOf,
} from "./lanes.ts";
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

const runtimeTitles = { deno: "Deno", bun: "Bun", node: "Node" } as const;

const bun = `${root}node_modules/.bin/bun`;
const node = `${root}node_modules/.bin/node`;

/** What one process of a runner runs. */
export interface Part {
  readonly lane: Lane;
  /** What tells it from others of the runtime: the lane, or a folder of it. */
  readonly name: string;
}

/** Test files that one process of a runner runs. */
export interface Group extends Part {
  readonly runtime: RuntimeName;
  readonly files: readonly string[];
}

/** The test files whose path has one of the parts, by runtime and lane. */
export async function testGroups(
  names: readonly RuntimeName[],
  parts: readonly string[],
): Promise<Group[]> {
  const files = (await typeScriptFiles("tests"))
    .filter((file) => file.endsWith("_test.ts"))
    .filter((file) =>
      parts.length === 0 || parts.some((part) => file.includes(part))
    );
  if (files.length === 0) throw new Error("No test file has such a name");
  const everywhere = files.filter((file) => !file.endsWith("_deno_test.ts"));
  return names.flatMap((runtime) => {
    const own = runtime === "deno" ? files : everywhere;
    if (own.length === 0) console.log(`${runtime}: no test file for it`);
    const groups = Map.groupBy(own, groupOf);
    return [...groups].map(([name, files]) => ({
      runtime,
      lane: laneOf(files[0]!),
      name,
      files,
    }));
  });
}

/** Runs the groups of one lane one after another. */
export async function testsOfLane(
  lane: Lane,
  groups: readonly Group[],
  environment: Environment,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of groups) {
    if (group.lane === lane) outcomes.push(await suite(group, environment));
  }
  return outcomes;
}

async function suite(
  group: Group,
  environment: Environment,
): Promise<Outcome> {
  const { runtime, lane, name, files } = group;
  const title = runtimeTitles[runtime];
  const report = `${environment.scratch}/${runtime}-${name}.xml`;
  switch (runtime) {
    case "deno":
      return await testsOnDeno(
        `${title} ${Deno.version.deno}`,
        group,
        files,
        files,
        environment,
      );
    case "bun":
      return await tests(
        `${title} ${await version(bun)}`,
        group,
        files,
        report,
        [
          bun,
          "test",
          // As on the other two, where a test has no limit of its own to 5 seconds.
          "--timeout=60000",
          "--reporter=junit",
          `--reporter-outfile=${report}`,
          // Without the dot Bun takes them as patterns.
          ...files.map((file) => `./${file}`),
        ],
      );
    case "node":
      return await tests(
        `${title} ${await version(node)}`,
        group,
        files,
        report,
        [
          node,
          "--test",
          "--test-concurrency=1",
          // A process a file takes a second each to start.
          ...(lane === "pure" ? ["--test-isolation=none"] : []),
          "--test-reporter=spec",
          "--test-reporter-destination=stdout",
          "--test-reporter=junit",
          `--test-reporter-destination=${report}`,
          ...files,
        ],
        // Types are stripped once, not by every process.
        { NODE_COMPILE_CACHE: `${environment.scratch}/node-cache` },
      );
  }
}

/** Runs `deno test`. */
export async function testsOnDeno(
  name: string,
  part: Part,
  args: readonly string[],
  files: readonly string[],
  { resolution, scratch }: Environment,
): Promise<Outcome> {
  const documentation = args.includes("--doc");
  const report = `${scratch}/deno-${part.name}.xml`;
  return await tests(name, part, files, report, [
    Deno.execPath(),
    "test",
    "--allow-all",
    // They watch what is written with Deno.test; node:test they leave alone.
    "--sanitize-ops",
    "--sanitize-resources",
    ...(documentation ? [] : ["--no-check"]),
    ...resolution,
    `--junit-path=${report}`,
    ...args,
  ]);
}

function tests(
  name: string,
  { lane, name: detail }: Part,
  files: readonly string[],
  report: string,
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return step(name, detail, async () => {
    const finished = await run(
      isInBackground(lane) ? inBackground(command) : command,
      { env },
    );
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
