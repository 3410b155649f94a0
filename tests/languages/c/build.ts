/** Builds the program that has the C code of all formats: see README.md. */

import { execFile } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { generate } from "../../../src/generate/mod.ts";
import {
  skips,
  snakeCase,
  targetOf,
} from "../../../src/generate/languages/c/target.ts";
import { projectFile } from "../../support/programs.ts";
import type { CorpusFormat } from "../corpus.ts";

/** A format whose code is to be in the program. */
export type BuiltFormat = Pick<CorpusFormat, "name" | "codec" | "plan">;

/** Nothing may be warned of. */
const STRICT = "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror";

/**
 * Builds the program in a folder.
 *
 * @param flags More flags of the compiler, as `-fsanitize=address,undefined`.
 * @returns The command that starts it.
 */
export async function buildC(
  folder: string,
  formats: readonly BuiltFormat[],
  flags: readonly string[] = ["-O0"],
): Promise<[string]> {
  for (const name of ["driver.h", "driver.c"]) {
    copyFileSync(projectFile(`tests/languages/c/${name}`), `${folder}/${name}`);
  }
  for (const { codec, name } of formats) {
    const file = generate("c", codec, { name });
    writeFileSync(`${folder}/${file.name}`, file.text);
  }
  const half = Math.ceil(formats.length / 2);
  const units = [formats.slice(0, half), formats.slice(half)];
  units.forEach((unit, i) =>
    writeFileSync(`${folder}/formats_${i}.c`, unitOf(unit, i))
  );
  const gcc = (...args: readonly string[]) =>
    promisify(execFile)("gcc", [...STRICT.split(" "), ...flags, ...args], {
      cwd: folder,
    });
  // Two compilers at a time: the driver is small.
  const sources = ["formats_0", "formats_1", "driver"];
  await Promise.all(sources.map((name) => gcc("-c", `${name}.c`)));
  await gcc("-o", "program", ...sources.map((name) => `${name}.o`));
  return [`${folder}/program`];
}

/** A part of the formats: their code, and a table of their functions. */
function unitOf(formats: readonly BuiltFormat[], index: number): string {
  const parts = formats.map(({ plan }) => {
    const { P } = targetOf(plan);
    return `#define ${P}_IMPLEMENTATION
#include "${snakeCase(plan.name)}.h"
${adapterOf(plan)}
`;
  });
  const rows = formats.map(({ plan }) => {
    const { p } = targetOf(plan);
    return `    FORMAT_ROW(${p}, "${plan.name}"),\n`;
  });
  return `#include "driver.h"

${parts.join("\n")}
const struct format formats_${index}[] = {
${rows.join("")}    FORMATS_END
};
`;
}

/** What makes a format one of many, by a macro of driver.h. */
function adapterOf(plan: BuiltFormat["plan"]): string {
  const target = targetOf(plan);
  const { p, P } = target;
  const reports = skips(target) ? "REPORTS" : "REPORTS_NOTHING";
  const { framing, content } = plan;
  if (framing.kind === "content-length" && framing.headers) {
    return `FORMAT_HEADERS(${p}, ${P}, ${reports})`;
  }
  const field = content.kind === "bytes" ? "bytes" : "text";
  return `FORMAT(${p}, ${P}, ${reports}, ${field})`;
}
