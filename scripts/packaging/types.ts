/** Makes the declarations that are published. */

import { dirname } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import ts from "typescript";
import { root } from "../testing/process.ts";

/**
 * Bundles the declarations of the sources into `output`: one file for each entry,
 * and one in `chunks/` for each folder of `src` that several share. What no entry
 * shows is left out.
 *
 * @param entries The source of each entry, by the name of its file.
 * @param output Where the files are written.
 */
export async function bundleTypes(
  entries: Readonly<Record<string, string>>,
  output: string,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "framewire-types-" });
  try {
    await writeDeclarations(Object.values(entries), folder);
    const modules = await rollup({
      input: Object.fromEntries(
        Object.entries(entries)
          .map(([name, file]) => [name, `${folder}/${declarationOf(file)}`]),
      ),
      plugins: [dts()],
      // It notes that some types of constructors cannot be named by users.
      onLog: () => {},
    });
    await modules.write({
      dir: output,
      entryFileNames: "[name].d.ts",
      chunkFileNames: "chunks/[name].d.ts",
      minifyInternalExports: false,
      manualChunks(id) {
        const [layer, ...rest] = id.split("/src/").at(-1)!.split("/");
        return rest.length === 0 ? undefined : layer;
      },
    });
    await modules.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function declarationOf(file: string): string {
  return file.replace(/^\.\//, "").replace(/\.ts$/, ".d.ts");
}

/** Writes the declarations of the files, and of all that they import. */
async function writeDeclarations(
  files: readonly string[],
  folder: string,
): Promise<void> {
  const written: [string, string][] = [];
  const program = ts.createProgram(
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
  );
  program.emit(undefined, (path, text) => written.push([path, text]));
  for (const [path, text] of written) {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, publicText(text));
  }
}

// The examples are tests, which import `@std/assert` from JSR, and a fifth of the
// declarations; the documentation on JSR has them.
function publicText(declarations: string): string {
  return declarations
    .replace(/(["']\.[^"']*)\.ts(?=["'])/g, "$1.js")
    .replace(/^ *\* @example[^]*?(?=^ *\* @|^ *\*\/)/gm, "")
    .replace(/(^ *\*\n)+(?= *\*\/)/gm, "");
}
