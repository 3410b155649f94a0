/**
 * The part of the Standard Schema interface, version 1
 * (<https://standardschema.dev>), that {@linkcode json} uses. Zod, Valibot,
 * ArkType and others implement it.
 *
 * @typeParam Input The input of the validation.
 * @typeParam Output The output of the validation.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The properties of the interface. */
  readonly "~standard": {
    /** The version of the interface. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Validates a value. It must be synchronous here. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** The types, for inference only. */
    readonly types?:
      | { readonly input: Input; readonly output: Output }
      | undefined;
  };
}

/** The result of a validation. */
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

/** Whether something is a schema. Those of some libraries are functions. */
export function isSchema(given: unknown): given is StandardSchema {
  return "~standard" in Object(given);
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
    // The promise may reject later, and nobody waits for it.
    result.catch(() => undefined);
    throw new TypeError(
      "Cannot validate: the schema is asynchronous, and codecs are not",
    );
  }
  return result;
}

/** Describes an issue in one line, the path first. */
export function describeIssue({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((step) =>
    String(typeof step === "object" ? step.key : step)
  );
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}

/** The arguments of codecs whose schema can be left out: `(schema, options)`. */
export function schemaAndOptions<Options extends object>(
  given: StandardSchema | Options,
  more: Options,
): readonly [StandardSchema | undefined, Options] {
  return isSchema(given) ? [given, more] : [undefined, given];
}
