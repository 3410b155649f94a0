/**
 * `deno task pack [FOLDER]`: the npm package, made of the sources, in `npm/pack/` or in
 * another folder of `npm/`. It needs no JSR; the package that is published is the one
 * of build_npm.ts.
 *
 * Prints the path of the tarball as its last line.
 */

import { makePackage } from "./packaging/package.ts";
import { makeTarball } from "./packaging/tarball.ts";
import { writeDeclarations } from "./packaging/types.ts";
import { root } from "./testing/process.ts";
import { readDenoConfig } from "./testing/setup.ts";

const output = `${root}npm/${Deno.args[0] ?? "pack"}`;
const declarations = `${output}/declarations/`;
const folder = `${output}/package`;
const config = await readDenoConfig();

await Deno.remove(output, { recursive: true }).catch((error: unknown) => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
});
writeDeclarations(Object.values(config.exports), declarations);
await makePackage(
  { code: root, extension: ".ts", declarations },
  folder,
  config,
);
console.log(await makeTarball(folder, output));
