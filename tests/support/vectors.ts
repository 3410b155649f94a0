/** Reads the language-neutral cases of `tests/vectors/`: its README says how. */

import { readdirSync, readFileSync } from "node:fs";
import type { Codec, FrameError } from "../../src/codec/mod.ts";
import { type Format, formats, type Options } from "./formats.ts";
import type { Skipped } from "./run_decoder.ts";

/** A file of cases. */
export interface VectorFile {
  readonly file: string;
  readonly format: string;
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
    .filter((file) => file.endsWith(".json") && !file.endsWith(".schema.json"))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      return { ...JSON.parse(text), file };
    });
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
