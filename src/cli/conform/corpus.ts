import { readFile } from "node:fs/promises";
import { cannotRead } from "../file_errors.ts";
import { parseVectors, type VectorFile } from "./vectors.ts";

/**
 * The index of the corpus. In the npm package, where it is beside the command, the
 * cases are in it; the sources have a file of cases for each of its entries.
 */
const INDEX = new URL("../../../tests/vectors/index.json", import.meta.url);

/** The corpus of test vectors that comes with the command. */
export interface Corpus {
  readonly version: string;
  readonly files: readonly VectorFile[];
}

/** Reads the corpus. */
export async function readCorpus(): Promise<Corpus> {
  const { version, files } = JSON.parse(await textOf(INDEX)) as {
    version: string;
    files: readonly (Pick<VectorFile, "file"> & Partial<VectorFile>)[];
  };
  return { version, files: await Promise.all(files.map(fileOf)) };
}

async function fileOf(
  entry: Pick<VectorFile, "file"> & Partial<VectorFile>,
): Promise<VectorFile> {
  const { file } = entry;
  return "vectors" in entry
    ? entry as VectorFile
    : parseVectors(await textOf(new URL(file, INDEX)), file);
}

/** The sources can be on a disk, or on JSR. */
async function textOf(url: URL): Promise<string> {
  if (url.protocol !== "file:") return await (await fetch(url)).text();
  return await readFile(url, "utf8").catch((cause: unknown) => {
    throw cannotRead(url.pathname, cause);
  });
}
