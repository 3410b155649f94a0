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

/** The cases of some files, by their expressions. */
export class VectorsByExpression {
  readonly #vectors: ReadonlyMap<string, readonly FiledVector[]>;

  constructor(files: readonly VectorFile[]) {
    const byExpression = new Map<string, FiledVector[]>();
    for (const { file, vectors } of files) {
      for (const vector of vectors) {
        if (vector.expression === undefined) continue;
        const others = byExpression.get(vector.expression) ?? [];
        others.push({ file, vector });
        byExpression.set(vector.expression, others);
      }
    }
    this.#vectors = byExpression;
  }

  /** The cases of an expression. */
  of(expression: string): readonly FiledVector[] {
    return [...this.#vectors].flatMap(([other, vectors]) =>
      formsOf(descriptionOf(other))[0] === expression ? vectors : []
    );
  }

  /**
   * The cases of other names of a format: a preset has those of the format that it is
   * made of, and the other way round. Not all of them may be of it, since a preset can
   * have limits of its own.
   */
  akin(description: CodecDescription | undefined): readonly FiledVector[] {
    const [expression, ...others] = formsOf(description);
    const wanted = [expression, ...others];
    return [...this.#vectors].flatMap(([other, vectors]) => {
      const forms = formsOf(descriptionOf(other));
      return forms[0] !== expression &&
          forms.some((form) => wanted.includes(form))
        ? vectors
        : [];
    });
  }

  /** Expressions that have cases and begin with the same stage, the nearest first. */
  near(expression: string): readonly string[] {
    return [...this.#vectors.keys()]
      .filter((other) => firstStageOf(other) === firstStageOf(expression))
      .map((other) => ({ other, shared: sharedStart(other, expression) }))
      // Of those that have as much in common, the shortest says the least else.
      .sort((a, b) => b.shared - a.shared || a.other.length - b.other.length)
      .map(({ other }) => other);
  }

  /** The cases of an expression that stands there in the same words. */
  written(expression: string): readonly FiledVector[] {
    return this.#vectors.get(expression) ?? [];
  }
}

/** The normal form of a format, and that of what it is made of if it is a preset. */
function formsOf(description: CodecDescription | undefined): string[] {
  if (description === undefined) return [];
  const { kind, over } = description;
  const isOnlyAName = kind.startsWith("preset:") && over !== undefined &&
    frameFormOf(over) === frameFormOf(description);
  return [description, ...(isOnlyAName ? [over] : [])]
    .map((description) => formatOf({ description }))
    .filter((form) => form !== undefined);
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
