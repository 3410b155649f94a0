/** Installs what the clients need. */

import { root, run, type RunOptions } from "../../scripts/testing/process.ts";
import { ensureNodeModules } from "../../scripts/testing/setup.ts";

/**
 * Installs the runtimes, packs the npm package and installs it into `folder`,
 * as somebody would who has only Node and npm.
 */
export async function setUp(folder: string): Promise<void> {
  await ensureNodeModules();
  const packing = [Deno.execPath(), "run", "-A", `${root}scripts/pack.ts`];
  const printed = await progress("Packing the npm package", packing);
  const tarball = printed.trimEnd().split("\n").at(-1) ?? "";
  await Deno.writeTextFile(
    `${folder}/package.json`,
    JSON.stringify({ private: true, type: "module" }),
  );
  await progress(
    "Installing it into an empty folder",
    ["npm", "install", "--no-audit", "--no-fund", tarball],
    { cwd: folder },
  );
  const client = "client_node.mjs";
  await Deno.copyFile(`${root}examples/demo/${client}`, `${folder}/${client}`);
}

/** How it shows that there is no such program, or none for this user. */
const absent = [
  Deno.errors.NotFound,
  Deno.errors.NotADirectory,
  Deno.errors.PermissionDenied,
];

/** What a program prints when asked for its version; `undefined` without one. */
export async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { ok, output } = await run([program, "--version"]);
    return ok ? /\d+\.\d+\.\d+/.exec(output)?.[0] : undefined;
  } catch (error) {
    if (absent.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

async function progress(
  what: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  console.log(`${what} ...`);
  const [program = "", ...args] = command;
  const { ok, output, seconds } = await run([program, ...args], options);
  if (!ok) throw new Error(`${command.join(" ")} failed:\n${output}`);
  console.log(`${what} done (${seconds.toFixed(1)} s).`);
  return output;
}
