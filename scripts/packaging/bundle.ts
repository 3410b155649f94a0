/**
 * Makes of the modules the few files that are published. A program that imports a
 * hundred small files starts 60 ms later than one that imports ten.
 */

import {
  type GetModuleInfo,
  type OutputChunk,
  type Plugin,
  rollup,
} from "rollup";
import { minify } from "terser";
import ts from "typescript";
import type { Modules } from "./modules.ts";
import { annotateCalls } from "./pure_calls.ts";

/** A file of the package. */
export type Chunk = OutputChunk;

/**
 * Bundles the modules into `output`: one file for each entry, and one in `chunks/`
 * for each folder of `src` that several share.
 *
 * @param entries The source of each entry, by the name of its file.
 * @param modules What is bundled.
 * @param output Where the files are written.
 * @returns The files.
 */
export async function bundle(
  entries: Readonly<Record<string, string>>,
  modules: Modules,
  output: string,
): Promise<Chunk[]> {
  const build = await rollup({
    input: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [
        name,
        modules.code + file.slice(2).replace(/\.ts$/, modules.extension),
      ]),
    ),
    external: /^node:/,
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`rollup: ${log.message}`);
    },
    plugins: [
      keepEntries(
        { presets: entries.presets! },
        modules.code,
        modules.extension,
      ),
      stripTypes,
      shorten,
    ],
  });
  const written = await build.write({
    dir: output,
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
    // What a file imports stands in that file only.
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    manualChunks: (id, { getModuleInfo }) =>
      chunkOf(id, modules, getModuleInfo),
  });
  await build.close();
  return written.output.filter((file) => file.type === "chunk");
}

/** What chooses the runtime, and what asks it. */
const OF_RUNTIME =
  /\/net\/(connect|listen|datagram|adapters\/select|adapters\/async_context)\.[jt]s$/;

/** The name of the file that a module goes to; without one, rollup chooses. */
function chunkOf(
  id: string,
  { code }: Modules,
  getModuleInfo: GetModuleInfo,
): string | undefined {
  const [, layer, ...rest] = id.slice(code.length).split("/");
  if (rest.length === 0) {
    return getModuleInfo(id)?.isEntry ? undefined : "base";
  }
  // Browsers get other digests and compressions, and the same checksums; and no
  // bundler leaves out a part of a file that extends a class of the platform.
  // These are small, and a file of its own costs more to load.
  if (/\/stream\/(measure|stream_kinds)\.[jt]s$/.test(id)) return "base";
  if (layer === "client" && !getModuleInfo(id)?.isEntry) return "framed";
  if (layer === "algorithms" || layer === "stream") {
    const name = rest.join("/").replace(/\.[jt]s$/, "");
    return name === "mod" || name === "types" ? undefined : name;
  }
  // Browsers get the parts of this one that need no runtime.
  if (layer === "exec") return undefined;
  // Browsers have others. What loads files must stand apart, too: esbuild makes a
  // function of each file that may be loaded, and of all that it imports.
  if (OF_RUNTIME.test(id)) return "runtime";
  // It lists both what browsers have others of, and what that imports.
  if (/\/net\/mod\.[jt]s$/.test(id)) return undefined;
  if (/\/(net\/tls|framed\/start_tls)\.[jt]s$/.test(id)) return "tls";
  if (id.includes("/net/network.")) return "network";
  // It is loaded where it is wanted, and browsers have their own.
  if (id.includes("/net/websocket/")) return "websocket";
  // So is this one, by servers behind a proxy only.
  if (id.includes("/net/proxy_protocol/")) return "proxy_protocol";
  if (id.includes("/net/browser/")) return undefined;
  // An adapter is loaded by the runtime that it is for.
  if (isAdapter(id) && !isLoadedAlways(id, getModuleInfo)) return undefined;
  return layer;
}

function isAdapter(id: string): boolean {
  return id.includes("/net/adapters/");
}

/** Whether a module for any runtime imports this one, maybe by others. */
function isLoadedAlways(id: string, getModuleInfo: GetModuleInfo): boolean {
  return getModuleInfo(id)!.importers.some((importer) =>
    isAdapter(importer)
      ? isLoadedAlways(importer, getModuleInfo)
      : !importer.includes("/src/exec/")
  );
}

/**
 * Leaves imports of the root that lead to other entries as they are. Of `presets`
 * rollup would make one object, and no bundler of a user could take it apart again.
 *
 * @param entries The sources of those entries, by the names of their files.
 * @param folder Where `mod` and `src` are, with a slash at its end.
 * @param extension What the names of their files end with.
 */
export function keepEntries(
  entries: Readonly<Record<string, string>>,
  folder: string,
  extension: string,
): Plugin {
  const names = new Map(
    Object.entries(entries).map((
      [name, file],
    ) => [withoutExtension(file), name]),
  );
  return {
    name: "keep-entries",
    resolveId(source, importer) {
      if (importer !== `${folder}mod${extension}`) return null;
      const name = names.get(withoutExtension(source));
      return name === undefined
        ? null
        : { id: `${folder}${name}.js`, external: "relative" };
    },
  };
}

function withoutExtension(file: string): string {
  return file.replace(/\.[jt]s$/, "");
}

/** Takes the types out of sources. */
export const stripTypes: Plugin = {
  name: "strip-types",
  transform: (code, id) =>
    id.endsWith(".ts")
      ? ts.transpileModule(code, {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
        },
      }).outputText
      : null,
};

/**
 * Tells Bun that a file needs no transpiler (<https://bun.com/docs/bundler>, under
 * `target`). Without it, Bun takes a millisecond more to load the package.
 */
const DONE_FOR_BUN = "// @bun\n";

const shorten: Plugin = {
  name: "shorten",
  async renderChunk(code) {
    const short = await shortened(code);
    return DONE_FOR_BUN + annotateCalls(short, this.parse(short));
  },
};

/**
 * Makes code short: without comments, and the names of variables and private members
 * are short. Functions, classes and methods keep their names, and each statement has a
 * line of its own: a stack trace says where it was, without a source map.
 */
export async function shortened(code: string): Promise<string> {
  const { code: short = "" } = await minify(code, {
    module: true,
    ecma: 2020,
    compress: {
      passes: 2,
      sequences: false,
      keep_fnames: true,
      keep_classnames: true,
      // One that is put into its only caller has no name, and is made at each call.
      reduce_funcs: false,
    },
    mangle: { keep_fnames: true, keep_classnames: true },
    format: { semicolons: false },
  });
  return short;
}
