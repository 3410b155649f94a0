/** The test vectors of the package, for `framewire conform`. */

import type { Plugin } from "rollup";
import type { Vector, VectorFile } from "../../src/cli/conform/vectors.ts";
import { root } from "../testing/process.ts";

/** Where the sources have the index of the vectors, from the file that reads it. */
const IN_SOURCES = "../../../tests/vectors/index.json";

/** The name of the file of all vectors, beside the command. */
const IN_PACKAGE = "vectors.json";

/** Has the command read the vectors of the package. */
export const packagedVectors: Plugin = {
  name: "packaged-vectors",
  transform(code, id) {
    if (!/\/cli\/conform\/corpus\.[jt]s$/.test(id)) return null;
    if (!code.includes(IN_SOURCES)) throw new Error(`${id}: no index`);
    return code.replace(IN_SOURCES, `./${IN_PACKAGE}`);
  },
};

/** Writes the cases that have expressions, with what the command uses of them. */
export async function writeVectors(folder: string): Promise<void> {
  const from = `${root}tests/vectors/`;
  const { version, files } = JSON.parse(
    await Deno.readTextFile(`${from}index.json`),
  );
  const all = files.map(async ({ file }: { file: string }) => {
    const { format, vectors }: VectorFile = JSON.parse(
      await Deno.readTextFile(from + file),
    );
    const used = vectors
      .filter(({ expression }) => expression !== undefined)
      .map(usedOf);
    return { file, format, vectors: used };
  });
  await Deno.writeTextFile(
    `${folder}/${IN_PACKAGE}`,
    JSON.stringify({ version, license: "MIT", files: await Promise.all(all) }),
  );
}

function usedOf(
  {
    name,
    expression,
    input,
    frames,
    skipped,
    error,
    bothWays,
    unread,
    output,
    refused,
  }: Vector,
): object {
  return {
    name,
    expression,
    input,
    frames,
    skipped,
    error,
    bothWays,
    unread,
    output,
    refused,
  };
}
