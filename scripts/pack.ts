/**
 * `deno task pack`: the npm tarball without JSR, by `deno pack`, for the install
 * tests. The published package is made by build_npm.ts; both have the same
 * entry points and say the same of themselves.
 *
 * Prints the path of the tarball as its last line.
 */

import { dirname } from "node:path";
import { publicFields } from "./packaging/public_fields.ts";
import { makeMapsRelative } from "./packaging/source_maps.ts";
import { copyDocuments, makeTarball, must } from "./packaging/tarball.ts";
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
  const folder = `${stage}/package`;
  await completePackageJson(`${folder}/package.json`, config);
  await makeMapsRelative(folder);
  await copyDocuments(folder);

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

async function completePackageJson(
  path: string,
  config: DenoConfig,
): Promise<void> {
  const written = JSON.parse(await Deno.readTextFile(path));
  const complete = { ...publicFields(config), ...pick(written) };
  await Deno.writeTextFile(path, JSON.stringify(complete, null, 2) + "\n");
}

function pick(
  { main, types, exports, dependencies }: Record<string, unknown>,
): Record<string, unknown> {
  return { main, types, exports, dependencies };
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
