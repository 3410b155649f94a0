/** Builds a Rust program that answers the questions of README.md. */

import { spawnSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../../src/generate/mod.ts";
import { projectFile } from "../../support/programs.ts";
import type { CorpusFormat } from "../corpus.ts";

/** Debian's compiler, which is older than others that may be there. */
export const rustc = "/usr/bin/rustc";

/** A format to build the program with. */
export type RustFormat = Pick<CorpusFormat, "name" | "codec" | "plan">;

/**
 * Writes the code of all formats as modules of one crate in a folder, and compiles it
 * and the program of `rust/driver.rs`, both without a warning.
 *
 * @param talking The names of the formats that the program can talk to a server in.
 * @returns The command that starts it.
 */
export function buildRust(
  folder: string,
  formats: readonly RustFormat[],
  talking: readonly string[],
): [string] {
  const files = formats.map(({ name, codec }) =>
    generate("rust", codec, { name })
  );
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  const modules = files.map(({ name }) => name.slice(0, -".rs".length));
  // Each as the author of a library would have it, whose warnings are errors.
  writeFileSync(
    join(folder, "lib.rs"),
    `#![deny(warnings)]\n${
      modules.map((module) => `pub mod ${module};\n`).join("")
    }`,
  );
  compile(folder, ["--crate-name=formats", "--crate-type=rlib", "lib.rs"]);
  const listed = formats.map(({ name }, i) => {
    const skips = files[i]!.text.includes("pub fn on_skip(");
    const made = `format_of!(${modules[i]}, ${skips ? "skips" : "fails"})`;
    return `    formats.insert("${name}", ${made});\n`;
  });
  const talks = formats.map(({ name }, i) =>
    talking.includes(name)
      ? `        "${name}" => talk!(${modules[i]}, port, words),\n`
      : ""
  );
  const withHeaders = formats.map(({ plan: { framing } }, i) =>
    framing.kind === "content-length" && framing.headers
      ? `words_of!(${modules[i]});\n`
      : ""
  );
  writeFileSync(
    join(folder, "formats.rs"),
    `fn formats() -> std::collections::HashMap<&'static str, Format> {
    let mut formats = std::collections::HashMap::new();
${listed.join("")}    formats
}

fn talk(name: &str, port: u16, words: &[String]) -> io::Result<()> {
    match name {
${talks.join("")}        _ => panic!("{name} at {port} is not for {words:?}"),
    }
}

${withHeaders.join("")}`,
  );
  for (const file of ["driver.rs", "words.rs"]) {
    copyFileSync(
      projectFile(`tests/languages/rust/${file}`),
      join(folder, file),
    );
  }
  compile(folder, ["--crate-type=rlib", "-Copt-level=2", "words.rs"]);
  compile(folder, [
    "--extern=formats=libformats.rlib",
    "--extern=words=libwords.rlib",
    "driver.rs",
  ]);
  return [join(folder, "driver")];
}

/** Compiles a file of a folder without an optimiser: most of the time goes into it. */
function compile(folder: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(
    rustc,
    ["--edition=2021", "-Cdebuginfo=0", "-Cpanic=abort", ...args],
    { cwd: folder, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`rustc ${args.join(" ")}\n${stderr}`);
}
