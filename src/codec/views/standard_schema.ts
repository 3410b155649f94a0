/**
 * The part of the Standard Schema interface, version 1
 * (<https://standardschema.dev>), that is used here: Zod, Valibot, ArkType and
 * others have it.
 *
 * @typeParam Input What is given.
 * @typeParam Output What comes out of the validation.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The properties of the interface. */
  readonly "~standard": {
    /** The version of the interface. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Validates a value. Here, it must do so synchronously. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** The types, for inference only. */
    readonly types?:
      | { readonly input: Input; readonly output: Output }
      | undefined;
  };
}

/** What came of a validation. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong with a value. */
export interface SchemaIssue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where it is wrong. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}

/**
 * Validates a value.
 *
 * @throws {TypeError} If the schema is asynchronous.
 */
export function validate<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
): SchemaResult<Output> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    // Its own failure is of no interest any more.
    result.catch(() => undefined);
    throw new TypeError(
      "Cannot validate: the schema is asynchronous, and codecs are not",
    );
  }
  return result;
}

/** An issue in one line, the path first. */
export function describeIssue({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((step) =>
    String(typeof step === "object" ? step.key : step)
  );
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}
