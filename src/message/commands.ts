import {
  describeIssue,
  type StandardSchema,
  validate,
} from "../codec/views/standard_schema.ts";
import { MessageError } from "./errors.ts";

/** A command: what it is given and what it replies. */
export interface Command {
  /** Of the body of a request. */
  readonly input?: StandardSchema;
  /** Of the reply, or of each item where the reply is a stream. */
  readonly output?: StandardSchema;
}

/**
 * Commands by their names: declared once and shared by both sides.
 *
 * A schema is of any library that has the Standard Schema interface (Zod,
 * Valibot, ArkType, ...), or {@linkcode typed} for the type alone. What is given
 * goes over the wire as it is, as JSON, and both sides validate it; what is
 * handed out is what the schema makes of it.
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

/** What is given where a schema is. */
export type InputOf<Schema> = Schema extends
  StandardSchema<infer Input, unknown> ? Input : unknown;

/** What a schema hands out. */
export type OutputOf<Schema> = Schema extends
  StandardSchema<unknown, infer Output> ? Output : unknown;

/**
 * A schema that takes everything: for the type alone, where the other side is
 * trusted to keep to it.
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
 * @typeParam T What it is said to be.
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

/** The command of a name, which may come from the other side. */
export function commandOf(
  commands: Commands,
  name: string,
): Command | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

/**
 * Validates with a schema, where there is one.
 *
 * @throws {MessageError} `BODY_INVALID`, naming the path.
 * @throws {TypeError} If the schema is asynchronous.
 */
export function checked(
  schema: StandardSchema | undefined,
  value: unknown,
  what: string,
): unknown {
  if (schema === undefined) return value;
  const result = validate(schema, value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(describeIssue).join("; ");
  throw new MessageError("BODY_INVALID", `${what} is not valid: ${issues}`);
}
