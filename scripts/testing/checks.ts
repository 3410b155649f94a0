/** The checks that need no test file: each counts as one. */

import { inBackground } from "./lanes.ts";
import { documentFiles, typeScriptFiles } from "./paths.ts";
import { root, run } from "./process.ts";
import { checkOutcome, type Outcome, step } from "./report.ts";
import { testsOnDeno } from "./runtimes.ts";
import { type Environment, readDenoConfig } from "./setup.ts";

/** The one script whose own import is from JSR. */
const needsJsr = "scripts/build_npm.ts";

/** Format, lint, types, documentation of all that is public, what is published. */
export async function checks(environment: Environment): Promise<Outcome[]> {
  const { exports } = await readDenoConfig();
  const files = await typeScriptFiles(
    "mod.ts",
    "src",
    "tests",
    "bench",
    "examples",
    "reliability",
    "scale",
    "scripts",
    "site",
  );
  const checkable = environment.jsr
    ? files
    : files.filter((file) => file !== needsJsr);
  if (checkable.length < files.length) {
    console.log(`Left out of the type check, as it imports dnt: ${needsJsr}`);
  }
  return [
    await check("deno fmt --check", ["fmt", "--check"]),
    await check("deno lint", ["lint", "--quiet"]),
    await check("deno check", [
      "check",
      "--quiet",
      ...environment.resolution,
      ...checkable,
    ]),
    await check("deno doc --lint", [
      "doc",
      "--lint",
      "--quiet",
      ...new Set(Object.values(exports)),
    ]),
    // Finds what JSR would refuse: slow types, and files that are left out.
    await check("deno publish --dry-run", [
      "publish",
      "--dry-run",
      "--allow-dirty",
      "--quiet",
    ]),
  ];
}

/** Runs the examples in the documentation. */
export async function documentationTests(
  environment: Environment,
): Promise<Outcome> {
  const files: string[] = [];
  for (const file of await typeScriptFiles("mod.ts", "src")) {
    const text = await Deno.readTextFile(root + file);
    // Deno loads each file that it is given, with or without examples.
    if (/^ *\* ```ts/m.test(text)) files.push(file);
  }
  return await testsOnDeno(
    "Documentation examples",
    { lane: "pure", name: "documentation" },
    ["--doc", ...files, "README.md", ...await documentFiles()],
    [],
    environment,
  );
}

function check(name: string, args: readonly string[]): Promise<Outcome> {
  return step(name, "", async () => {
    const finished = await run(inBackground([Deno.execPath(), ...args]));
    return {
      outcome: checkOutcome(name, finished),
      output: finished.output,
    };
  });
}
