/**
 * `deno task pack`: the npm package, in `npm/package/`, and its tarball.
 *
 * Prints the path of the tarball as its last line; publish that, after
 * `FRAMEWIRE_TARBALL=<path> deno task test package`.
 */

import { makePackage } from "./packaging/package.ts";
import { makeTarball } from "./packaging/tarball.ts";
import { root } from "./testing/process.ts";
import { readDenoConfig } from "./testing/setup.ts";

const output = `${root}npm`;
const folder = `${output}/package`;

await Deno.remove(output, { recursive: true }).catch((error: unknown) => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
});
await makePackage(folder, await readDenoConfig());
console.log(await makeTarball(folder, output));
