/** Makes the npm package, from the sources or from what dnt made of them. */

import type { DenoConfig } from "../testing/setup.ts";
import { bundle } from "./bundle.ts";
import { bundleCommand } from "./command.ts";
import { copyDocuments } from "./documents.ts";
import type { Modules } from "./modules.ts";
import { fileOf, publicFields } from "./public_fields.ts";
import { browserMap, REPLACED, STAND_INS } from "./stand_ins.ts";
import { bundleTypes } from "./types.ts";
import { writeVectors } from "./vectors.ts";

/**
 * Fills `folder` with what is published: `dist/`, the code; `types/`, its
 * declarations; package.json and the documents.
 */
export async function makePackage(
  modules: Modules,
  folder: string,
  config: DenoConfig,
): Promise<void> {
  const entries = Object.fromEntries(
    Object.entries(config.exports)
      .map(([entry, source]) => [fileOf(entry), source]),
  );
  // The command is a file of its own, and nothing of the library is in its chunks.
  const { cli, ...library } = entries;
  const chunks = await bundle(
    { ...library, ...REPLACED, browser: STAND_INS },
    modules,
    `${folder}/dist`,
  );
  await bundleCommand(cli!, modules, `${folder}/dist/cli.js`);
  await writeVectors(`${folder}/dist`);
  await bundleTypes(library, modules.declarations, `${folder}/types`);
  await Deno.writeTextFile(`${folder}/types/cli.d.ts`, "export {};\n");
  await copyDocuments(folder);
  const fields = publicFields(config, browserMap(chunks));
  await Deno.writeTextFile(
    `${folder}/package.json`,
    JSON.stringify(fields, null, 2) + "\n",
  );
}
