/** The program that has the generated Python code of all formats. */

import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../../src/generate/mod.ts";
import { projectFile, python } from "../../support/programs.ts";
import type { CorpusFormat } from "../corpus.ts";

/**
 * Writes the code of all formats into a folder, and the program that answers questions.
 *
 * @returns The command that starts it.
 */
export function buildPython(
  folder: string,
  formats: readonly Pick<CorpusFormat, "name" | "codec">[],
): [string, ...string[]] {
  for (const { codec, name } of formats) {
    const file = generate("python", codec, { name });
    writeFileSync(join(folder, file.name), file.text);
  }
  const driver = join(folder, "driver.py");
  copyFileSync(projectFile("tests/languages/python/driver.py"), driver);
  // Without files of byte code: each module is loaded once.
  return [python, "-B", driver];
}
