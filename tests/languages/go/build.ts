/** Builds a Go program that answers the questions of README.md. */

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { generate } from "../../../src/generate/generate.ts";
import { projectFile } from "../../support/programs.ts";
import type { CorpusFormat } from "../corpus.ts";

/**
 * Writes the code of all formats into packages of one module in a folder, with the
 * program of `go/main.go`, and compiles it.
 *
 * @returns The command that starts it.
 */
export function buildGo(
  folder: string,
  formats: readonly Pick<CorpusFormat, "name" | "codec">[],
): [string] {
  writeFileSync(join(folder, "go.mod"), "module peer\n\ngo 1.19\n");
  copyFileSync(
    projectFile("tests/languages/go/main.go"),
    join(folder, "main.go"),
  );
  for (const format of formats) {
    const { name, text } = generate("go", format.codec, { name: format.name });
    mkdirSync(join(folder, packageOf(format)));
    writeFileSync(join(folder, packageOf(format), name), text);
  }
  writeFileSync(join(folder, "formats.go"), registry(formats.map(packageOf)));
  // No optimiser: most of the time goes into compiling.
  runGo(folder, "go", ["build", "-gcflags=peer/...=-N -l", "-o", "peer", "."]);
  return [join(folder, "peer")];
}

/** Runs a program of Go in a folder, and throws what it says if it fails. */
export function runGo(
  folder: string,
  program: "go" | "gofmt",
  args: readonly string[],
): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: {
      ...process.env,
      GOFLAGS: "-mod=mod",
      GOPROXY: "off",
      GOCACHE: join(folder, ".cache"),
      GOGC: "off",
    },
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`);
  }
  return stdout;
}

function packageOf({ name }: { readonly name: string }): string {
  return name.toLowerCase();
}

/** What makes the packages known to the program by the names of their formats. */
function registry(packages: readonly string[]): string {
  const parts = packages.map((id) =>
    `func() any { return new(${id}.Decoder) }, ${id}.Encode, ${id}.NewReader, ${id}.WriteFrame`
  );
  return `package main

import (
${[...packages].sort().map((id) => `\t"peer/${id}"`).join("\n")}
)

func init() {
${
    packages.map((id, i) => `\tformats["${id}"] = format{${parts[i]}}`).join(
      "\n",
    )
  }
}
`;
}
