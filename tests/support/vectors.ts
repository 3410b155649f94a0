/** Reads the language-neutral cases of `tests/vectors/`: docs/vectors.md says how. */

import { readdirSync, readFileSync } from "node:fs";
import type { Codec, FrameError } from "../../src/codec/mod.ts";
import { type Format, formats, type Options } from "./formats.ts";
import type { Skipped } from "./run_decoder.ts";

/** A file of cases. */
export interface VectorFile {
  readonly file: string;
  readonly format: string;
  readonly about: string;
  readonly vectors: readonly Vector[];
}

/** One case: with `input` of the decoder, without of the encoder. */
export interface Vector {
  readonly name: string;
  readonly cases: readonly number[];
  readonly options?: Options;
  readonly expression?: string;
  readonly input?: string;
  readonly frames: readonly unknown[];
  readonly skipped?: readonly Skipped[];
  readonly error?: { readonly code: string; readonly offset: number };
  readonly bothWays?: boolean;
  readonly framesAt?: readonly number[];
  readonly errorAt?: number;
  readonly stopAfter?: number;
  readonly unread?: string;
  readonly then?: {
    readonly format: string;
    readonly options?: Options;
    readonly frames: readonly unknown[];
  };
  readonly output?: string;
  readonly refused?: string;
}

const folder = new URL("../vectors/", import.meta.url);

/** All files of cases, sorted by name. */
export function vectorFiles(): VectorFile[] {
  return readdirSync(folder)
    .filter((file) => /^(?!index\.)\w+\.json$/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      return { ...JSON.parse(text), file };
    });
}

/** What `tests/vectors/index.json` must say, at a version. */
export function vectorIndex(version: string): object {
  const files = vectorFiles().map(({ file, format, about, vectors }) => ({
    file,
    format,
    about,
    cases: vectors.length,
  }));
  const cases = files.reduce((sum, { cases }) => sum + cases, 0);
  return { version, license: "MIT", cases, files };
}

/** The rows of the table of `docs/vectors.md`. */
export function vectorTable(): string {
  const rows = vectorFiles().map(({ file, format, about, vectors }) =>
    `| [\`${format}\`](../tests/vectors/${file}) | ${vectors.length} | ${
      about.replaceAll("|", "\\|")
    } |`
  );
  return ["| format | cases | what it is |", "| --- | --- | --- |", ...rows]
    .join("\n");
}

/** The format of a name, which must be known. */
export function formatNamed(name: string): Format {
  const format = formats[name];
  if (format === undefined) throw new TypeError(`No such format: ${name}`);
  return format;
}

/** The codec that a case asks for. */
export function codecOf(
  format: Format,
  options: Options = {},
  onSkip?: (error: FrameError) => void,
): Codec<unknown> {
  return format.make({ ...options, onSkip });
}
