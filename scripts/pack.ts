/**
 * `deno task pack`: the npm tarball without JSR, for the install tests; `deno pack`
 * makes the declarations. Those of the published package are made by build_npm.ts,
 * which checks the types with those of Node; all else is the same.
 *
 * Prints the path of the tarball as its last line.
 */

import { dirname } from "node:path";
import { makePackage } from "./packaging/package.ts";
import { makeTarball, must } from "./packaging/tarball.ts";
import { typeScriptFiles } from "./testing/paths.ts";
import { root } from "./testing/process.ts";
import { type DenoConfig, readDenoConfig } from "./testing/setup.ts";

const output = `${root}npm/pack`;

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
  { name, version, license, exports, compilerOptions }: DenoConfig,
): Promise<void> {
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
