import { readFile } from "node:fs/promises";
import { UsageError } from "../errors.ts";
import { cannotRead } from "../file_errors.ts";
import { bytesOf } from "./byte_notation.ts";
import type { ConformCase } from "./conform_case.ts";
import { readCorpus } from "./corpus.ts";
import { VectorsByExpression } from "./expressions.ts";
import { generatedCases } from "./generated_cases.ts";
import type { TestedFormat } from "./tested_format.ts";
import { vectorCase } from "./vector_cases.ts";
import { parseVectors, type Vector, type VectorFile } from "./vectors.ts";

/** How many near expressions are named where there are no cases. */
const NEAR = 5;

/** Longer streams are not looked at for frames that are known. */
const MOST_KNOWN = 1024;

/**
 * All cases of a format: those of files, and those that are generated.
 *
 * @param files The files; without, those that come with the command.
 * @param onNote Is told where no file has any.
 * @throws {UsageError} If there are no cases at all.
 */
export async function casesOf(
  format: TestedFormat,
  { files, seed }: {
    readonly files: readonly string[] | undefined;
    readonly seed: number;
  },
  onNote: (note: string) => void,
): Promise<ConformCase[]> {
  const { expression = "", codec } = format;
  const vectors = new VectorsByExpression(
    files === undefined
      ? (await readCorpus()).files
      : await Promise.all(files.map(readVectors)),
  );
  const cases = [
    ...vectors.of(expression)
      .map(({ file, vector }) => vectorCase(vector, file, format)),
    ...vectors.akin(codec.description)
      .flatMap(({ file, vector }) => caseIfOf(vector, file, format)),
  ];
  const near = vectors.near(expression);
  if (cases.length === 0) onNote(noVectors(expression, near));
  const known = near.flatMap((one) => vectors.written(one))
    .flatMap(({ vector }) => knownFrames(vector, format));
  const all = [...cases, ...generatedCases(format, seed, known)];
  if (all.length > 0) return all;
  throw new UsageError(
    "Cannot test the format: expected one that has vectors, or whose frames are bytes, text or JSON",
  );
}

/** A case of a format that may be another one. */
function caseIfOf(
  vector: Vector,
  file: string,
  format: TestedFormat,
): ConformCase[] {
  try {
    return [vectorCase(vector, file, format)];
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

async function readVectors(file: string): Promise<VectorFile> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw cannotRead(file, cause);
  });
  return parseVectors(text, file);
}

function noVectors(expression: string, near: readonly string[]): string {
  const others = near.length === 0
    ? ""
    : `; there are some of ${near.slice(0, NEAR).join(", ")}`;
  return `no vectors are of ${expression || "this codec"}${others}`;
}

/** What a format makes of the bytes of a case of a near one, if they are few. */
function knownFrames(
  { input = "", output }: Vector,
  format: TestedFormat,
): readonly unknown[] {
  const bytes = bytesOf(output ?? input);
  return bytes.length > MOST_KNOWN ? [] : format.decode(bytes).frames;
}
