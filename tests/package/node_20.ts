/** Finds the oldest Node that the package promises to work on. */

import { delimiter } from "node:path";
import { run } from "../../scripts/testing/process.ts";

/** A runtime to start programs with. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** How its version begins. */
  readonly prefix: string;
  /** Why it cannot be tested here. */
  readonly skip?: string;
}

/** The machine's own Node where that is 20, else the npm package `node@20`. */
export async function findNode20(): Promise<Runtime> {
  const found = { name: "Node 20", prefix: "v20." };
  // `deno task` puts the project's own Node 24 first on the path.
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  for (const folder of folders) {
    const command = [`${folder}/node`] as const;
    if (await answers(command, found.prefix)) return { ...found, command };
  }
  const command = ["npx", "--yes", "node@20"] as const;
  return await answers(command, found.prefix)
    ? { ...found, command }
    : { ...found, command, skip: "no Node 20 here, nor from npm" };
}

async function answers(
  command: readonly [string, ...string[]],
  prefix: string,
): Promise<boolean> {
  try {
    const { ok, output } = await run([...command, "--version"]);
    return ok && output.startsWith(prefix);
  } catch (error) {
    // Most folders of the path hold no Node.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
