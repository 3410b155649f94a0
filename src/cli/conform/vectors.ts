import { UsageError } from "../errors.ts";

/** The code of an error, and the offset in the stream of the frame that it is of. */
export interface FrameReport {
  readonly code: string;
  readonly offset: number;
}

/**
 * One case of the corpus: with `input` of a decoder, without of an encoder. The page
 * docs/vectors.md says what the members mean; only those that are used are here.
 */
export interface Vector {
  readonly name: string;
  readonly expression?: string;
  readonly input?: string;
  readonly frames: readonly unknown[];
  /** An offset alone stands for a frame that was too large. */
  readonly skipped?: readonly (number | FrameReport)[];
  readonly error?: FrameReport;
  readonly bothWays?: boolean;
  readonly unread?: string;
  readonly output?: string;
  readonly refused?: string;
}

/** A file of cases. */
export interface VectorFile {
  readonly file: string;
  readonly format: string;
  readonly vectors: readonly Vector[];
}

/**
 * Reads a file of cases, as far as they are used.
 *
 * @param file Its name.
 * @throws {UsageError} If it is none.
 */
export function parseVectors(text: string, file: string): VectorFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw noVectors(file, "JSON", cause);
  }
  if (!isObject(content) || !Array.isArray(content.vectors)) {
    throw noVectors(file, "an object with a list of vectors");
  }
  const { format = "", vectors } = content;
  const wrong = vectors.findIndex((vector) => !isVector(vector));
  if (wrong >= 0) {
    throw noVectors(file, `a case as in vectors.schema.json at index ${wrong}`);
  }
  return { file, format: String(format), vectors };
}

function isVector(value: unknown): value is Vector {
  return isObject(value) && typeof value.name === "string" &&
    Array.isArray(value.frames) &&
    ["expression", "input", "output", "refused", "unread"].every((name) =>
      value[name] === undefined || typeof value[name] === "string"
    ) &&
    (value.skipped === undefined || Array.isArray(value.skipped)) &&
    (value.error === undefined || isObject(value.error));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function noVectors(
  file: string,
  expected: string,
  cause?: unknown,
): UsageError {
  return new UsageError(`Cannot read ${file}: expected ${expected}`, { cause });
}
