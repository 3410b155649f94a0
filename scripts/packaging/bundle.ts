/**
 * Makes of the compiled modules the few files that are published. A program that
 * imports a hundred small files starts 60 ms later than one that imports ten.
 */

import {
  type GetModuleInfo,
  type OutputChunk,
  type Plugin,
  rollup,
} from "rollup";
import { minify } from "terser";
import { annotateCalls } from "./pure_calls.ts";

/** A file of the package. */
export type Chunk = OutputChunk;

/**
 * Bundles the compiled `.js` files below `compiled` into `output`: one file for
 * each entry, and one in `chunks/` for each folder of `src` that several share.
 *
 * @param compiled Where `mod.js` and `src/` are.
 * @param sources The source of each entry, by the name of its file.
 * @param output Where the files are written.
 * @returns The files.
 */
export async function bundle(
  compiled: string,
  sources: Readonly<Record<string, string>>,
  output: string,
): Promise<Chunk[]> {
  const folder = await Deno.realPath(compiled);
  const modules = await rollup({
    input: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [
        name,
        `${folder}/${source.replace(/\.ts$/, ".js")}`,
      ]),
    ),
    external: /^node:/,
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`rollup: ${log.message}`);
    },
    plugins: [keepPresets(folder), shorten()],
  });
  const written = await modules.write({
    dir: output,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
    // What a file imports stands in that file only, and keeps its name.
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    manualChunks: (id, { getModuleInfo }) => chunkOf(id, folder, getModuleInfo),
  });
  await modules.close();
  return written.output.filter((file) => file.type === "chunk");
}

/** The name of the file that a module goes to; without one, rollup chooses. */
function chunkOf(
  id: string,
  folder: string,
  getModuleInfo: GetModuleInfo,
): string | undefined {
  const [, layer, ...rest] = id.slice(folder.length + 1).split("/");
  if (rest.length === 0) {
    return getModuleInfo(id)?.isEntry ? undefined : "base";
  }
  // Browsers get other digests and compressions, and the same checksums; and no
  // bundler leaves out a part of a file that extends a class of the platform.
  if (layer === "algorithms" || layer === "stream") {
    const name = rest.join("/").slice(0, -".js".length);
    return name === "mod" || name === "types" ? undefined : name;
  }
  // Browsers get the parts of this one that need no runtime.
  if (layer === "exec") return undefined;
  // An adapter is loaded by the runtime that it is for.
  if (isAdapter(id) && !isLoadedAlways(id, getModuleInfo)) return undefined;
  return layer;
}

function isAdapter(id: string): boolean {
  return id.includes("/net/adapters/");
}

/** Whether a module that is not an adapter imports this one, maybe by others. */
function isLoadedAlways(id: string, getModuleInfo: GetModuleInfo): boolean {
  return getModuleInfo(id)!.importers.some((importer) =>
    !isAdapter(importer) || isLoadedAlways(importer, getModuleInfo)
  );
}

// Rollup would make one object of all presets, and no bundler of a user could take
// it apart again.
function keepPresets(folder: string): Plugin {
  return {
    name: "keep-presets",
    resolveId: (source, importer) =>
      importer === `${folder}/mod.js` && source.endsWith("/presets/mod.js")
        ? { id: `${folder}/presets.js`, external: "relative" }
        : null,
  };
}

// Without comments, and the names of variables and private members are short.
// Functions, classes and methods keep their names, and each statement has a line of
// its own: a stack trace says where it was, without a source map.
function shorten(): Plugin {
  return {
    name: "shorten",
    async renderChunk(code) {
      const { code: short = "" } = await minify(code, {
        compress: false,
        mangle: { keep_fnames: true, keep_classnames: true },
        format: { semicolons: false },
      });
      return annotateCalls(short, this.parse(short));
    },
  };
}
