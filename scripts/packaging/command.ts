/** Makes one file of the command, which is read faster than several. */

import { type Plugin, rollup } from "rollup";
import { shortened, stripTypes } from "./bundle.ts";
import type { Modules } from "./modules.ts";
import { packagedVectors } from "./vectors.ts";

/**
 * Bundles the command into `output`.
 *
 * @param source Its source.
 * @param modules What is bundled.
 * @param output The file.
 */
export async function bundleCommand(
  source: string,
  modules: Modules,
  output: string,
): Promise<void> {
  const build = await rollup({
    input: modules.code + source.slice(2).replace(/\.ts$/, modules.extension),
    external: /^node:/,
    onLog: (level, log) => {
      // What TypeScript makes of `await using` for Node 20 asks for `this`.
      if (log.code === "THIS_IS_UNDEFINED") return;
      if (level === "warn") throw new Error(`rollup: ${log.message}`);
    },
    plugins: [
      packagedVectors,
      generators,
      stripTypes,
      { name: "shorten", renderChunk: (code) => shortened(code) },
    ],
  });
  await build.write({
    file: output,
    inlineDynamicImports: true,
    banner: "#!/usr/bin/env node",
  });
  await build.close();
}

/**
 * Leaves the generators of code where they are: the entry of the package has them, and
 * one verb needs them.
 */
const generators: Plugin = {
  name: "generators",
  resolveId: (source) =>
    /\/generate\/mod\.[jt]s$/.test(source)
      ? { id: "./generate.js", external: true }
      : null,
};
