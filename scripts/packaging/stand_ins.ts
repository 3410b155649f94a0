/** Replaces what cannot be in a browser. */

import type { Chunk } from "./bundle.ts";

/** What takes the place of other files in browsers. */
export const STAND_INS = "./src/browser.ts";

/**
 * Files of the package that are no entries, in whose place other files get names from
 * the stand-ins: only an entry keeps the names of what it exports.
 */
export const REPLACED: Readonly<Record<string, string>> = {
  "chunks/compressions": "./src/algorithms/compressions.ts",
  "chunks/digests": "./src/algorithms/digests.ts",
};

/** The file of the stand-ins in the package. */
export const STAND_INS_FILE = "browser.js";

/**
 * Makes the `browser` map of package.json. Files that import modules of a runtime
 * (`node:`), files loaded when they are needed that come to import some, and files
 * that load those are replaced by one that imports none.
 *
 * @throws {Error} If that file lacks what somebody imports from a replaced one.
 */
export function browserMap(chunks: readonly Chunk[]): Record<string, string> {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const reachesNode = (name: string): boolean =>
    name.startsWith("node:") ||
    byName.get(name)?.imports.some(reachesNode) === true;
  const replaced = chunks.filter((
    { fileName, imports, dynamicImports, isDynamicEntry },
  ) =>
    imports.some((name) => name.startsWith("node:")) ||
    dynamicImports.some(reachesNode) ||
    (isDynamicEntry && reachesNode(fileName))
  );
  const names = byName.get(STAND_INS_FILE)?.exports;
  for (const chunk of replaced) {
    for (const name of namesUsed(chunk, chunks, replaced)) {
      if (names?.includes(name)) continue;
      throw new Error(
        `Cannot replace ${chunk.fileName} in browsers: src/browser.ts exports no ${name}`,
      );
    }
  }
  return Object.fromEntries(
    replaced.map((
      { fileName },
    ) => [`./dist/${fileName}`, `./dist/${STAND_INS_FILE}`]),
  );
}

/** What is imported from a replaced file by users, or by files that are not. */
function namesUsed(
  chunk: Chunk,
  chunks: readonly Chunk[],
  replaced: readonly Chunk[],
): string[] {
  const others = chunks.filter((other) => !replaced.includes(other));
  const isLoaded = others.some(({ dynamicImports }) =>
    dynamicImports.includes(chunk.fileName)
  );
  if (chunk.isEntry || isLoaded) return chunk.exports;
  return others
    .flatMap((other) => other.importedBindings[chunk.fileName] ?? []);
}
