import { code } from "../../code.ts";
import { bytes, pattern } from "./literals.ts";

/** How marks are searched in bytes that are still arriving. */
export interface Search {
  readonly imports: readonly string[];
  readonly constants: string;
  /**
   * Searches `buffer` from the index `from` on, which is then where a mark begins, or
   * before which none does.
   *
   * @param result The variable that the other expressions are about.
   */
  readonly find: (from: string, result: string) => string;
  /** Whether a mark is there. */
  readonly found: (result: string) => string;
  /** Whether none is there. */
  readonly missing: (result: string) => string;
  /** Where the mark ends. */
  readonly end: (result: string) => string;
}

/**
 * The search for marks: for the one that begins first, and the longest of those that
 * begin there.
 *
 * @param name The name of the constant.
 * @param endsWithStream Whether a mark that has not arrived completely when the stream
 * ends is none.
 */
export function searchFor(
  name: string,
  marks: readonly Uint8Array[],
  endsWithStream: boolean,
): Search {
  const [only] = marks;
  return marks.length === 1 && only!.length === 1
    ? searchForByte(name, only!)
    : searchForMarks(name, marks, endsWithStream);
}

function searchForByte(name: string, mark: Uint8Array): Search {
  return {
    imports: [],
    constants: `${name} = ${bytes(mark)}`,
    find: (from, result) =>
      code`
        ${result} = buffer.find(${name}, ${from})
        ${from} = ${result} if ${result} >= 0 else len(buffer)
      `,
    found: (result) => `${result} >= 0`,
    missing: (result) => `${result} < 0`,
    end: (result) => `${result} + 1`,
  };
}

/** A search for marks by a pattern. */
export interface PatternSearch extends Search {
  /** Matches the pattern at the start of `buffer`. */
  readonly match: (result: string) => string;
  /** Whether the beginning of a mark matches, in the last group, too. */
  readonly hasParts: boolean;
}

/** The same as {@link searchFor}, by a pattern in any case. */
export function searchForMarks(
  name: string,
  marks: readonly Uint8Array[],
  endsWithStream: boolean,
): PatternSearch {
  const parts = partsOf(marks);
  const hasParts = parts.length > 0;
  const wholes = alternatives(longestFirst(marks).map(pattern));
  const partly = parts.length > 1 ? `(?:${parts.join("|")})` : parts.join("");
  const both = `(?P<part>${partly}\\Z)|${wholes}`;
  const atEnd = `${name}_AT_END`;
  const hasTwo = hasParts && endsWithStream;
  const pick = hasTwo && `marks = ${atEnd} if self._ended else ${name}`;
  const searched = hasTwo ? "marks" : name;
  return {
    imports: ["re"],
    hasParts,
    match: (result) =>
      code`
        ${pick}
        ${result} = ${searched}.match(buffer)
      `,
    constants: code`
      ${
      hasParts &&
      "# The group is the beginning of a mark whose rest may still arrive."
    }
      ${name} = re.compile(rb"${hasParts ? both : wholes}")
      ${hasParts && endsWithStream && `${atEnd} = re.compile(rb"${wholes}")`}
    `,
    find: (from, result) =>
      code`
        ${pick}
        ${result} = ${searched}.search(buffer, ${from})
        ${from} = ${result}.start() if ${result} else len(buffer)
      `,
    found: (result) =>
      hasParts
        ? `${result} is not None and not ${result}.lastgroup`
        : `${result} is not None`,
    missing: (result) =>
      hasParts
        ? `${result} is None or ${result}.lastgroup`
        : `${result} is None`,
    end: (result) => `${result}.end()`,
  };
}

/** What the marks begin with, without being complete: the longest first. */
function partsOf(marks: readonly Uint8Array[]): string[] {
  const parts = marks.flatMap((mark) =>
    Array.from({ length: mark.length - 1 }, (_, i) => mark.subarray(0, i + 1))
  );

  return [...new Set(longestFirst(parts).map(pattern))];
}

/** A pattern of alternatives: the longest first, or a class of characters. */
function alternatives(patterns: readonly string[]): string {
  const isByte = (one: string) => /^(?:\\x..|\\?.)$/.test(one);
  const different = [...new Set(patterns)];
  return different.length > 1 && different.every(isByte)
    ? `[${different.join("")}]`
    : different.join("|");
}

function longestFirst(marks: readonly Uint8Array[]): Uint8Array[] {
  return [...marks].sort((a, b) => b.length - a.length);
}
