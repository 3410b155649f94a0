/** The program of the Java code of all formats: see README.md for what it does. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../../src/generate/mod.ts";
import { projectFile } from "../../support/programs.ts";
import type { CorpusFormat } from "../corpus.ts";

/** What makes compilers and programs of Java start and end sooner. */
const QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/**
 * Generates the code of the formats, and compiles it with the program that answers
 * questions.
 *
 * @returns The command of the program.
 */
export function buildJava(
  folder: string,
  formats: readonly Pick<CorpusFormat, "name" | "codec">[],
): [string, ...string[]] {
  const files = formats.map(({ name, codec }) => {
    const file = generate("java", codec, { name });
    const path = join(folder, file.name);
    writeFileSync(path, file.text);
    return path;
  });
  const list = join(folder, "files");
  const program = projectFile("tests/languages/java/program.java");
  writeFileSync(list, [...files, program].map((one) => `"${one}"`).join("\n"));
  const { status, stdout, stderr } = spawnSync("javac", [
    ...QUICK.map((option) => `-J${option}`),
    "-encoding",
    "utf8",
    "--release",
    "11",
    "-Xlint:all",
    "-Werror",
    "-proc:none",
    "-g:none",
    "-d",
    folder,
    `@${list}`,
  ], { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`The code does not compile:\n${stderr}${stdout}`);
  }
  return ["java", ...QUICK, "-cp", folder, "JavaProgram"];
}
