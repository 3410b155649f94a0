/** Where a format is wrong: in the text of an expression, or in its JSON form. */
export type FormatPlace = { readonly column: number } | {
  readonly path: string;
};

/** The details of a {@linkcode FormatError}. */
export interface FormatErrorDetails {
  /** What is wrong, in a few words. */
  readonly reason: string;
  /** Where it is wrong. */
  readonly place: FormatPlace;
  /** What could have stood there. */
  readonly expected: string;
  /** What stood there instead. */
  readonly got: string;
  /** What was probably meant, where a known name is near. */
  readonly suggestion?: string | undefined;
  /** The error of the codec, where it refused its options. */
  readonly cause?: unknown;
}

/**
 * The error of a format that cannot be read: of the text given to
 * {@linkcode parseFormat}, or of the JSON given to {@linkcode formatFromJson}.
 *
 * @example
 * ```ts
 * import { FormatError, parseFormat } from "@framewire/framewire/format";
 * import { assert, assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => parseFormat("length(endianness=little)"));
 * assert(error instanceof FormatError);
 * assertEquals(error.column, 8);
 * assertEquals(error.suggestion, "endian");
 * assertEquals(
 *   error.message,
 *   "There is no such option: expected an option of length, got endianness" +
 *     " at column 8, did you mean endian?",
 * );
 * ```
 */
export class FormatError extends Error {
  /**
   * The position in the text, counted from 1 in UTF-16 code units, also over line
   * ends; `undefined` if the format was given as JSON.
   */
  readonly column: number | undefined;
  /**
   * The position in the JSON as a JSON Pointer (RFC 6901), such as `/0/endian`;
   * `undefined` if the format was given as text.
   */
  readonly path: string | undefined;
  /** What could have stood there. */
  readonly expected: string;
  /** What stood there instead. */
  readonly got: string;
  /** What was probably meant; `undefined` where no known name is near. */
  readonly suggestion: string | undefined;

  /** Makes an error and composes its message from the details. */
  constructor(details: FormatErrorDetails) {
    const { reason, place, expected, got, suggestion, cause } = details;
    const where = "column" in place
      ? `at column ${place.column}`
      : `at ${JSON.stringify(place.path)}`;
    super(
      `${reason}: expected ${expected}, got ${got} ${where}${
        suggestion === undefined ? "" : `, did you mean ${suggestion}?`
      }`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "FormatError";
    this.column = "column" in place ? place.column : undefined;
    this.path = "path" in place ? place.path : undefined;
    this.expected = expected;
    this.got = got;
    this.suggestion = suggestion;
  }
}
