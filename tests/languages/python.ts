/** The program that has the generated Python code of all formats. */

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../../src/generate/mod.ts";
import { projectFile } from "../support/programs.ts";
import type { CorpusFormat } from "./corpus.ts";

/** A program, in a folder of its own. */
export interface PythonProgram {
  /** What starts it, after the name of the interpreter. */
  readonly args: readonly string[];
  readonly folder: string;
  remove(): void;
}

/** Writes the code of all formats, and the program that answers questions. */
export function pythonProgram(
  formats: readonly CorpusFormat[],
): PythonProgram {
  const folder = mkdtempSync(join(tmpdir(), "framewire-python-"));
  for (const { codec, name } of formats) {
    const file = generate("python", codec, { name });
    writeFileSync(join(folder, file.name), file.text);
  }
  const driver = join(folder, "driver.py");
  copyFileSync(projectFile("tests/languages/driver.py"), driver);
  return {
    // Without files of byte code: each module is loaded once.
    args: ["-B", driver],
    folder,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
