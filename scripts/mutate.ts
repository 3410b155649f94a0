/** `deno task mutate`: breaks the sources in small ways that the tests must notice. */

import { parseArgs } from "node:util";
import { type Mutation, mutations } from "../tests/mutations/mutations.ts";
import { typeScriptFiles } from "./testing/paths.ts";
import { root } from "./testing/process.ts";

const help = `deno task mutate [part of a name ...]

Applies each breakage of tests/mutations/mutations.ts to a copy of the sources and
runs on Node the tests that should notice it. A test that hangs has noticed it.

  part of a name   only the breakages whose name contains one of the parts
  --help           this text

Exit status 1 if one survives, cannot be applied, or if a test fails without.`;

/** How long a test file may take, and a test of it. */
const limitMs = 60_000;
const testLimitMs = 20_000;
/** How many run at a time. */
const workers = 2;

interface Result {
  readonly name: string;
  readonly outcome: string;
  readonly isCaught: boolean;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const chosen = mutations.filter(({ name }) =>
    positionals.length === 0 || positionals.some((part) => name.includes(part))
  );
  if (chosen.length === 0) throw new Error("No breakage has such a name");
  const scratch = await Deno.makeTempDir({ prefix: "framewire-mutate-" });
  try {
    const copies: string[] = [];
    for (let i = 0; i < workers; i++) {
      copies.push(await copyOfSources(`${scratch}/${i}`));
    }
    const failing = await failingTests(chosen, copies);
    const results = await spread(chosen, copies, async (mutation, copy) => {
      const result = await tryOut(mutation, copy, failing);
      console.log(`${result.name}: ${result.outcome}`);
      return result;
    });
    return print(results, failing);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Finds the test files that fail without a breakage, which say nothing. */
async function failingTests(
  chosen: readonly Mutation[],
  copies: readonly string[],
): Promise<Set<string>> {
  const files = await typeScriptFiles(
    ...new Set(chosen.flatMap(({ tests }) => tests)),
  );
  const failing = new Set<string>();
  const tests = [...new Set(files.filter(isTest))];
  console.log(`${tests.length} test files without a breakage`);
  await spread(tests, copies, async (file, copy) => {
    const failure = await failureOf(file, copy);
    if (failure === undefined) return;
    failing.add(file);
    console.log(`${file} fails as it is: ${failure}`);
  });
  return failing;
}

/** Does something with each item, in as many copies of the sources at a time. */
async function spread<T, R>(
  items: readonly T[],
  copies: readonly string[],
  run: (item: T, copy: string) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(copies.map(async (copy) => {
    while (next < items.length) {
      const index = next++;
      results[index] = await run(items[index]!, copy);
    }
  }));
  return results;
}

/** Breaks a copy of the sources, runs the tests, and mends it. */
async function tryOut(
  { name, file, edits, tests }: Mutation,
  copy: string,
  failing: ReadonlySet<string>,
): Promise<Result> {
  const path = `${copy}/${file}`;
  const before = await Deno.readTextFile(path);
  let after = before;
  for (const [find, replacement] of edits) {
    const parts = after.split(find);
    if (parts.length !== 2) {
      const outcome = `NOT APPLIED: found ${parts.length - 1} times: ${find}`;
      return { name, outcome, isCaught: false };
    }
    after = parts.join(replacement);
  }
  await Deno.writeTextFile(path, after);
  try {
    for (const test of await typeScriptFiles(...tests)) {
      if (!isTest(test) || failing.has(test)) continue;
      const failure = await failureOf(test, copy);
      if (failure === undefined) continue;
      return { name, outcome: `caught by ${test}: ${failure}`, isCaught: true };
    }
    return { name, outcome: "SURVIVED", isCaught: false };
  } finally {
    await Deno.writeTextFile(path, before);
  }
}

function isTest(file: string): boolean {
  return file.endsWith("_test.ts") && !file.endsWith("_deno_test.ts");
}

/** Runs a test file; says what failed in it, if anything did. */
async function failureOf(
  file: string,
  copy: string,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  const { success, stdout } = await new Deno.Command(
    `${root}node_modules/.bin/node`,
    {
      args: ["--test-reporter=tap", `--test-timeout=${testLimitMs}`, file],
      cwd: copy,
      stderr: "null",
      signal,
    },
  ).output();
  if (success) return undefined;
  const failed = /^not ok \d+ - (.*)$/m.exec(new TextDecoder().decode(stdout));
  if (failed !== null) return failed[1];
  return signal.aborted
    ? `no end in ${limitMs / 1_000} s`
    : "it ended with an error";
}

/** What is made of the sources, and what is linked. */
const NOT_COPIED = ["node_modules", "npm", "build", "coverage", ".git"];

/** Copies what the tests need. */
async function copyOfSources(to: string): Promise<string> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(root)) {
    if (NOT_COPIED.includes(name)) continue;
    await copy(`${root}${name}`, `${to}/${name}`);
  }
  await Deno.symlink(`${root}node_modules`, `${to}/node_modules`, {
    type: "dir",
  });
  return to;
}

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory, isFile } = await Deno.stat(from);
  if (isFile) await Deno.copyFile(from, to);
  if (!isDirectory) return;
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copy(`${from}/${name}`, `${to}/${name}`);
  }
}

function print(
  results: readonly Result[],
  failing: ReadonlySet<string>,
): number {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log();
  for (const { name, outcome } of results) {
    console.log(`${name.padEnd(width)}  ${outcome}`);
  }
  const survived = results.filter(({ isCaught }) => !isCaught).length;
  console.log(`\n${results.length - survived} caught, ${survived} not`);
  return survived > 0 || failing.size > 0 ? 1 : 0;
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
