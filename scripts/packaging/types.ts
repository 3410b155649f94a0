/** Makes the declarations that are published. */

import { type Plugin, rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import ts from "typescript";
import { root } from "../testing/process.ts";
import { keepEntries } from "./bundle.ts";

/**
 * Bundles the declarations of the modules into `output`: one file for each entry,
 * and one in `chunks/` for each folder of `src` that several share. What no entry
 * shows is left out.
 *
 * @param entries The source of each entry, by the name of its file.
 * @param declarations The folder of the declarations of `mod` and of `src`.
 * @param output Where the files are written.
 */
export async function bundleTypes(
  entries: Readonly<Record<string, string>>,
  declarations: string,
  output: string,
): Promise<void> {
  const build = await rollup({
    input: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [
        name,
        declarations + file.slice(2).replace(/\.ts$/, ".d.ts"),
      ]),
    ),
    plugins: [
      keepEntries(entries, declarations, ".d.ts"),
      hideConstructors,
      dts(),
      shorten,
    ],
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`rollup: ${log.message}`);
    },
  });
  await build.write({
    dir: output,
    entryFileNames: "[name].d.ts",
    chunkFileNames: "chunks/[name].d.ts",
    minifyInternalExports: false,
    manualChunks(id) {
      const [, layer, ...rest] = id.slice(declarations.length).split("/");
      return rest.length === 0 ? undefined : layer;
    },
  });
  await build.close();
}

// Users get an object of such a class from a function. What the function makes it of
// is internal, and would come along with all that it refers to.
const hideConstructors: Plugin = {
  name: "hide-constructors",
  transform: (code) =>
    code.replace(
      /(\/\*\* Use \{@linkcode \w+\}\. \*\/\n +)constructor\([^)]*\)/g,
      "$1protected constructor()",
    ),
};

// The examples are tests, which import `@std/assert` from JSR, and a fifth of the
// declarations; the documentation on JSR has them. The comment about a module would
// stand in the middle of a file. Line breaks within a paragraph take 2 KB of the
// tarball, and editors break lines themselves.
const shorten: Plugin = {
  name: "shorten",
  renderChunk: (code) =>
    exportInPlace(code)
      .replace(/^\/\*\*\n(?: \*(?!\/).*\n)* \* @module\n \*\/\n+/gm, "")
      .replace(/^ *\* @example[^]*?(?=^ *\* @|^ *\*\/)/gm, "")
      .replace(/(^ *\*\n)+(?= *\*\/)/gm, "")
      .replace(/^ *\/\*\*\n[^]*?\*\//gm, joinLines)
      .replace(/\/\*\*\n *\* (.*)\n *\*\//g, "/** $1 */")
      .replace(/^( {4})+/gm, ({ length }) => " ".repeat(length / 2)),
};

const LIST = /^export (?:type )?\{ ([^}]*) \};$/gm;
const DECLARATION =
  /^(?:declare (?:class|const|function)|interface|type) (\w+)/gm;

/** Moves `export` from the lists of names at the end to the declarations. */
function exportInPlace(code: string): string {
  const listed = new Set(
    [...code.matchAll(LIST)].flatMap(([, names = ""]) => names.split(", ")),
  );
  const moved = code.replace(LIST, "").replace(
    DECLARATION,
    (declaration, name: string) =>
      listed.has(name) ? `export ${declaration}` : declaration,
  );
  for (const [, name = ""] of code.matchAll(DECLARATION)) listed.delete(name);
  // Those that are left are imported. A list, though empty, keeps what is not exported
  // from being so.
  return `${moved.trimEnd()}\nexport {${[...listed].join(", ")}};\n`;
}

/** Makes one line of each paragraph of a comment. */
function joinLines(comment: string): string {
  return comment.split(/(```[^]*?```)/).map((part, i) =>
    // Every other part is code.
    i % 2 > 0 ? part : part.replace(/(?<=[^\s|*])\n *\* +(?=[^\s@|-])/g, " ")
  ).join("");
}

/**
 * Writes the declarations of the sources, and of all that they import, into
 * `folder`.
 */
export function writeDeclarations(
  files: readonly string[],
  folder: string,
): void {
  ts.createProgram(
    files.map((file) => root + file),
    {
      rootDir: root,
      outDir: folder,
      declaration: true,
      emitDeclarationOnly: true,
      // The test command checks the sources, and the package test what comes out.
      noCheck: true,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
      types: ["node"],
    },
  ).emit();
}
