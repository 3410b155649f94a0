/** Random formats in their JSON form, made from the table of the stages. */

import fc from "fast-check";
import type { FormatJson, JsonObject } from "../../src/format/mod.ts";
import type { StageKind } from "../../src/format/stage_kind.ts";
import { stageKinds } from "../../src/format/stages.ts";

// Made once: fast-check takes a while for those of all characters.
const someText = fc.string({ unit: "binary", minLength: 1, maxLength: 4 });
const someObject = fc.dictionary(
  fc.string({ unit: "grapheme" }),
  fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" }),
  { maxKeys: 3, noNullPrototype: true },
);

/** Formats whose stages and options are right, each by itself. */
export function formatJson(): fc.Arbitrary<FormatJson> {
  const one = (isView: boolean, givesBytes: boolean) =>
    fc.oneof(
      ...stageKinds
        .filter((kind) => kind.isView === isView)
        .filter((kind) => kind.givesBytes({} as never) === givesBytes)
        .map((kind) => ({
          arbitrary: stage(kind),
          // Presets are many and alike.
          weight: kind.name.startsWith("preset:") ? 1 : 4,
        })),
    );
  const last = fc.array(one(true, false), { maxLength: 1 });
  return fc.oneof(
    fc.tuple(one(false, false)),
    fc.tuple(
      one(false, true),
      fc.array(one(true, true), { maxLength: 2 }),
      last,
    ).map(([base, views, last]) => [base, ...views, ...last]),
  );
}

function stage({ name, options }: StageKind): fc.Arbitrary<FormatJson[number]> {
  const entries = Object.entries(options);
  const requiredKeys = entries.filter(([, { required }]) => required);
  return fc.record(
    Object.fromEntries(
      // Other labels and limits are refused mostly.
      entries.map(([key, { schema }]) => [
        key,
        key === "encoding" && name === "text"
          ? fc.constantFrom("utf-8", "latin1", "utf-16le")
          : valueOf(schema),
      ]),
    ),
    { requiredKeys: requiredKeys.map(([key]) => key), noNullPrototype: true },
  ).map((given) => ({ stage: name, ...given }) as FormatJson[number]);
}

/** Values of a JSON Schema, of those that the table has. */
function valueOf(schema: JsonObject): fc.Arbitrary<unknown> {
  const { type, properties, patternProperties, required } = schema;
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.anyOf)) {
    return fc.oneof(...schema.anyOf.map((one) => valueOf(one as JsonObject)));
  }
  if (type === "boolean") return fc.boolean();
  if (type === "integer") {
    return fc.oneof(
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(
        0,
        255,
        ...(schema.maximum === undefined ? [2_048] : []),
      ),
    );
  }
  if (type === "array") {
    return fc.array(valueOf(schema.items as JsonObject), { maxLength: 3 });
  }
  if (type === "string") {
    return schema.pattern === undefined
      ? someText
      : fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) =>
        Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")
      );
  }
  if (patternProperties !== undefined) {
    const byte = fc.integer({ min: 0, max: 255 });
    return fc.array(fc.tuple(byte.map(String), byte), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries));
  }
  if (properties === undefined) {
    return someObject;
  }
  return fc.record(
    Object.fromEntries(
      Object.entries(properties as JsonObject).map(([key, one]) => [
        key,
        valueOf(one as JsonObject),
      ]),
    ),
    { requiredKeys: required as string[], noNullPrototype: true },
  );
}

/** Whether a value matches a JSON Schema, of the keywords that are in use. */
export function matches(schema: JsonObject, value: unknown): boolean {
  const checks: Record<string, (argument: never) => boolean> = {
    const: (wanted: unknown) => value === wanted,
    enum: (wanted: unknown[]) => wanted.includes(value),
    type: (name: string) =>
      name === "array"
        ? Array.isArray(value)
        : name === "integer"
        ? Number.isInteger(value)
        : typeof value === name && value !== null && !Array.isArray(value),
    minimum: (least: number) => Number(value) >= least,
    maximum: (most: number) => Number(value) <= most,
    pattern: (text: string) => new RegExp(text, "u").test(String(value)),
    minLength: (least: number) => String(value).length >= least,
    uniqueItems: () => new Set(listOf(value)).size === listOf(value).length,
    not: (one: JsonObject) => !matches(one, value),
    if: (one: JsonObject) => {
      const { then = {}, else: otherwise = {} } = schema;
      return matches(
        (matches(one, value) ? then : otherwise) as JsonObject,
        value,
      );
    },
    dependentRequired: (keys: Record<string, string[]>) =>
      Object.entries(keys).every(([key, others]) =>
        !Object.hasOwn(value as object, key) ||
        others.every((other) => Object.hasOwn(value as object, other))
      ),
    minItems: (least: number) => listOf(value).length >= least,
    maxItems: (most: number) => listOf(value).length <= most,
    anyOf: (schemas: JsonObject[]) =>
      schemas.some((one) => matches(one, value)),
    oneOf: (schemas: JsonObject[]) =>
      schemas.filter((one) => matches(one, value)).length === 1,
    prefixItems: (schemas: JsonObject[]) =>
      schemas.every((one, i) => matches(one, listOf(value)[i])),
    items: (one: JsonObject) => {
      const { prefixItems = [] } = schema as { prefixItems?: unknown[] };
      return listOf(value).slice(prefixItems.length)
        .every((item) => matches(one, item));
    },
    required: (keys: string[]) =>
      keys.every((key) => Object.hasOwn(value as object, key)),
    properties: () => members(schema, value),
    patternProperties: () => members(schema, value),
    additionalProperties: () => members(schema, value),
  };
  const annotations = ["$schema", "$id", "$defs", "title", "default"]
    .concat("then", "else");
  return Object.entries(schema).every(([keyword, argument]) => {
    if (annotations.includes(keyword)) return true;
    const check = checks[keyword];
    if (check === undefined) throw new TypeError(`No such keyword: ${keyword}`);
    return check(argument as never);
  });
}

function members(schema: JsonObject, value: unknown): boolean {
  const { properties = {}, patternProperties = {} } = schema;
  return Object.entries(value as object).every(([key, one]) => {
    if (Object.hasOwn(properties as object, key)) {
      return matches((properties as JsonObject)[key] as JsonObject, one);
    }
    const pattern = Object.entries(patternProperties as JsonObject)
      .find(([text]) => new RegExp(text, "u").test(key));
    if (pattern !== undefined) return matches(pattern[1] as JsonObject, one);
    return schema.additionalProperties !== false;
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
