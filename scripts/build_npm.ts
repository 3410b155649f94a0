/**
 * `deno task build:npm`: the npm package, made of what dnt (from JSR) compiles and
 * checks, in `npm/dnt/`.
 *
 * Prints the path of the tarball as its last line; publish that, after
 * `FRAMEWIRE_TARBALL=<path> deno task test package`.
 */

import { build, emptyDir } from "@deno/dnt";
import { makePackage } from "./packaging/package.ts";
import { STAND_INS } from "./packaging/stand_ins.ts";
import { makeTarball } from "./packaging/tarball.ts";
import { root } from "./testing/process.ts";
import { readDenoConfig } from "./testing/setup.ts";

const output = `${root}npm/dnt`;
const compiled = `${output}/compiled`;
const modules = `${compiled}/esm/`;
const folder = `${output}/package`;
const config = await readDenoConfig();

await emptyDir(output);
await build({
  entryPoints: [...Object.values(config.exports), STAND_INS]
    .map((file) => ({ name: file, path: root + file.slice(2) })),
  outDir: compiled,
  shims: {},
  // Node 20 has all that the sources use, and importing the package has no effect.
  polyfills: false,
  // All that still runs on a server today can load ES modules.
  scriptModule: false,
  declaration: "inline",
  // The same tests have run on the sources on three runtimes, and the package
  // test runs on what is built here; dnt would only run them on Node once more.
  test: false,
  typeCheck: "single",
  skipSourceOutput: true,
  package: {
    name: config.name,
    version: config.version,
    // For the type check.
    devDependencies: { "@types/node": await versionOf("@types/node") },
  },
  compilerOptions: {
    target: "ES2022",
    lib: ["ESNext", "DOM", "DOM.Iterable"],
    noImplicitReturns: true,
    noUncheckedIndexedAccess: true,
    useUnknownInCatchVariables: true,
  },
});
await makePackage(
  { code: modules, extension: ".js", declarations: modules },
  folder,
  config,
);
console.log(await makeTarball(folder, output));

async function versionOf(tool: string): Promise<string> {
  const text = await Deno.readTextFile(`${root}package.json`);
  return JSON.parse(text).devDependencies[tool];
}
