import type { CodecDescription } from "../../codec/types.ts";
import { FormatError } from "../../format/format_error.ts";
import { formatOf } from "../../format/format_of.ts";
import { parseFormat } from "../../format/parse_format.ts";
import { frameFormOf } from "./frame_form.ts";
import type { Vector, VectorFile } from "./vectors.ts";

/** A case, and the file that it is of. */
export interface FiledVector {
  readonly file: string;
  readonly vector: Vector;
}

/** The cases of an expression, and the normal forms that it has. */
interface Entry {
  readonly forms: readonly string[];
  readonly vectors: FiledVector[];
}

/** The cases of some files, by their expressions. */
export class VectorsByExpression {
  readonly #entries: Map<string, Entry> = new Map();

  constructor(files: readonly VectorFile[]) {
    for (const { file, vectors } of files) {
      for (const vector of vectors) {
        const { expression } = vector;
        if (expression === undefined) continue;
        this.#entryOf(expression).vectors.push({ file, vector });
      }
    }
  }

  /** The cases of an expression. */
  of(expression: string): readonly FiledVector[] {
    return [...this.#entries.values()]
      .filter(({ forms }) => forms[0] === expression)
      .flatMap(({ vectors }) => vectors);
  }

  /**
   * The cases of formats that differ in their names or limits only: a preset has those
   * of the format that it is made of, and the other way round. Whoever takes one has to
   * see whether the limit changes what comes of it.
   */
  akin(description: CodecDescription | undefined): readonly FiledVector[] {
    const wanted = formsOf(description);
    return [...this.#entries.values()]
      .filter(({ forms }) =>
        forms[0] !== wanted[0] && forms.some((form) => wanted.includes(form))
      )
      .flatMap(({ vectors }) => vectors);
  }

  /** Expressions that have cases and begin with the same stage, the nearest first. */
  near(expression: string): readonly string[] {
    return [...this.#entries.keys()]
      .filter((other) => firstStageOf(other) === firstStageOf(expression))
      .map((other) => ({ other, shared: sharedStart(other, expression) }))
      // Of those that have as much in common, the shortest says the least else.
      .sort((a, b) => b.shared - a.shared || a.other.length - b.other.length)
      .map(({ other }) => other);
  }

  /** The cases of an expression that stands there in the same words. */
  written(expression: string): readonly FiledVector[] {
    return this.#entries.get(expression)?.vectors ?? [];
  }

  #entryOf(expression: string): Entry {
    const known = this.#entries.get(expression);
    if (known !== undefined) return known;
    const forms = formsOf(descriptionOf(expression));
    const entry = { forms, vectors: [] };
    this.#entries.set(expression, entry);
    return entry;
  }
}

/**
 * The normal form of a format, that of what it is made of if it is a preset, and both
 * without their limits.
 */
function formsOf(description: CodecDescription | undefined): string[] {
  if (description === undefined) return [];
  const { kind, over } = description;
  const isOnlyAName = kind.startsWith("preset:") && over !== undefined &&
    frameFormOf(over) === frameFormOf(description);
  const same = [description, ...(isOnlyAName ? [over] : [])];
  return [...same, ...same.map(withoutLimit)]
    .map((description) => formatOf({ description }))
    .filter((form) => form !== undefined);
}

function withoutLimit(
  { kind, options, over }: CodecDescription,
): CodecDescription {
  const { maxFrameLength: _, ...others } = options;
  return {
    kind,
    options: others,
    ...(over !== undefined && { over: withoutLimit(over) }),
  };
}

/** Of a file of a user, an expression may be none. */
function descriptionOf(expression: string): CodecDescription | undefined {
  try {
    return parseFormat(expression).description;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function firstStageOf(expression: string): string {
  return /^[\w:-]*/.exec(expression)![0];
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}
