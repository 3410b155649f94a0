/**
 * `deno task pack`: the npm tarball without JSR, by `deno pack`, for the install
 * tests. The published package is made by build_npm.ts; both are what
 * packaging/package.ts makes of the compiled modules.
 *
 * Prints the path of the tarball as its last line.
 */

import { dirname } from "node:path";
import { makeTarball, must } from "./packaging/tarball.ts";
import { typeScriptFiles } from "./testing/paths.ts";
import { root } from "./testing/process.ts";
import {
  type DenoConfig,
  ensureNodeModules,
  readDenoConfig,
} from "./testing/setup.ts";

const output = `${root}npm/pack`;

await ensureNodeModules();
const { makePackage, sources } = await import("./packaging/package.ts");
const config = await readDenoConfig();
const stage = await Deno.makeTempDir({ prefix: "framewire-pack-" });
try {
  await stageSources(stage, config);
  await must([Deno.execPath(), "pack", "--output=raw.tgz"], stage);
  await must(["tar", "-xzf", "raw.tgz"], stage);
  const folder = `${stage}/published`;
  await makePackage(`${stage}/package`, folder, config);

  await Deno.remove(output, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(output, { recursive: true });
  console.log(await makeTarball(folder, output));
} finally {
  await Deno.remove(stage, { recursive: true });
}

// `deno pack` takes a package.json that lies there as it is, and ours describes
// the development tools; and it takes every file around. So it sees a folder that
// holds what is published and nothing else.
async function stageSources(
  folder: string,
  config: DenoConfig,
): Promise<void> {
  const { name, version, license, compilerOptions } = config;
  const exports = Object.fromEntries(
    Object.values(sources(config)).map((source) => [source, source]),
  );
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ name, version, license, exports, compilerOptions }),
  );
  for (const file of await typeScriptFiles("mod.ts", "src")) {
    await Deno.mkdir(dirname(`${folder}/${file}`), { recursive: true });
    await Deno.copyFile(root + file, `${folder}/${file}`);
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
