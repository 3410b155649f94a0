import type { JsonValue } from "../codec/views/json.ts";
import {
  describeIssue,
  type SchemaIssue,
  type StandardSchema,
  validate,
} from "../codec/views/standard_schema.ts";
import { MessageError } from "./errors.ts";

/** The schemas of a command. */
export interface Command {
  /** The schema of the body of a request. */
  readonly input?: StandardSchema;
  /** The schema of the reply, or of each item if the reply is a stream. */
  readonly output?: StandardSchema;
}

/**
 * Commands by their names, declared once and shared by both sides.
 *
 * A schema comes from any library with the Standard Schema interface (Zod,
 * Valibot, ArkType, ...), or from {@linkcode typed} where only the type is wanted.
 * Both sides validate: the sender before it sends a body, the receiver when the
 * body arrives. The body goes over the wire as it was given, as JSON; handlers
 * and callers get the output of the schema.
 *
 * @example
 * ```ts
 * import { type Commands, typed } from "@framewire/framewire/message";
 *
 * export const commands = {
 *   add: { input: typed<[number, number]>(), output: typed<number>() },
 *   count: { input: typed<{ to: number }>(), output: typed<number>() },
 * } satisfies Commands;
 * ```
 */
export type Commands = Readonly<Record<string, Command>>;

/** The type of a body before validation. */
export type InputOf<Schema> = Schema extends
  StandardSchema<infer Input, unknown> ? Input : unknown;

/** The type of a body after validation. */
export type OutputOf<Schema> = Schema extends
  StandardSchema<unknown, infer Output> ? Output : unknown;

/** What an event is sent with: the input of the command of the same name. */
export type EventInput<C> = C extends
  { readonly input: StandardSchema<infer Input, unknown> } ? Input : JsonValue;

/** What the listeners of an event get, in the same way. */
export type EventOutput<C> = C extends
  { readonly input: StandardSchema<unknown, infer Output> } ? Output
  : JsonValue;

/**
 * A schema that accepts every value. It declares a type and checks nothing: for
 * sides that trust each other.
 *
 * @example
 * ```ts
 * import { typed } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const point = typed<{ x: number; y: number }>();
 * const value = { x: 1, y: 2 };
 * assertEquals(point["~standard"].validate(value), { value });
 * ```
 *
 * @typeParam T The type of the values.
 * @returns The schema.
 */
export function typed<T>(): StandardSchema<T> {
  return {
    "~standard": {
      version: 1,
      vendor: "framewire",
      validate: (value) => ({ value: value as T }),
    },
  };
}

/** The command with a name. The name may come from the other side, so it is not trusted. */
export function commandOf(
  commands: Commands | undefined,
  name: string,
): Command | undefined {
  if (commands === undefined || !Object.hasOwn(commands, name)) {
    return undefined;
  }
  return commands[name];
}

/**
 * Validates a body with a schema, where there is one.
 *
 * @param part What the body is of its command, for the message of the error.
 * @throws {MessageError} `BODY_INVALID`, with the issues in `data`.
 * @throws {TypeError} If the schema is asynchronous.
 */
export function checked(
  schema: StandardSchema | undefined,
  value: unknown,
  part: string,
  command: string,
): unknown {
  if (schema === undefined) return value;
  const result = validate(schema, value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(describeIssue).join("; ");
  throw new MessageError(
    "BODY_INVALID",
    `${part} "${command}" is not valid: ${issues}`,
    { issues: result.issues.map(issueAsJson) },
  );
}

/** An issue as it goes over the wire. */
function issueAsJson({ message, path = [] }: SchemaIssue): JsonValue {
  const keys = path.map((step) => typeof step === "object" ? step.key : step)
    .map((key) => typeof key === "number" ? key : String(key));
  return { path: keys, message: String(message) };
}
