import { hexByte } from "../codec/bytes/hex.ts";
import type { JsonValue } from "../codec/views/json.ts";
import {
  type BytesJson,
  isArray,
  isObject,
  printBytes,
  printJson,
  printList,
  printObject,
  printString,
  readBytes,
  writeBytes,
} from "./literals.ts";

/** An object of JSON. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** One option of a stage: how its values are written, in text and in JSON. */
export interface Option {
  /** What its values are, for errors. */
  readonly expected: string;
  /** The JSON Schema of its values. */
  readonly schema: JsonObject;
  /** The value that has the same effect as none, where it is always the same. */
  readonly default?: JsonValue;
  /** Whether the option must be given. */
  readonly required?: boolean;
  /** The words that can be its values without quotes: those of a list, any, or none. */
  readonly words: readonly string[] | "any" | "none";
  /** The value that the codec takes for one in JSON; `undefined` if it is none. */
  read(json: JsonValue): unknown;
  /** The value in JSON for one that a codec has; `undefined` if it is no data. */
  write(value: unknown): JsonValue | undefined;
  /** Prints a value in JSON as text. */
  print(json: JsonValue): string;
}

/** How deep the values of `fields` may be. */
export const MAX_VALUE_DEPTH = 16;

/** A whole number. */
export const count: Option = {
  expected: "a whole number",
  schema: { type: "integer" },
  words: "none",
  ...same(Number.isSafeInteger),
  print: printJson,
};

/** A number of bytes, printed with a unit where it is a multiple of it. */
export const size: Option = {
  ...count,
  expected: "a number of bytes",
  schema: { type: "integer", minimum: 0 },
  print: (json) => printSize(Number(json)),
};

/** The value of a byte, printed in hexadecimal. */
export const byte: Option = {
  expected: "a number from 0 to 255",
  schema: { type: "integer", minimum: 0, maximum: 255 },
  words: "none",
  ...same(isByte),
  print: printByte,
};

/** An option that is on or off. In text its name alone means on. */
export const flag: Option = {
  expected: "true or false",
  schema: { type: "boolean" },
  default: false,
  words: "none",
  ...same((value) => typeof value === "boolean"),
  print: printJson,
};

/** One of some words. */
export function choice(words: readonly string[], byDefault?: string): Option {
  return {
    expected: words.join(" or "),
    schema: { enum: words },
    ...(byDefault !== undefined && { default: byDefault }),
    words,
    ...same((value) => words.some((word) => word === value)),
    print: String,
  };
}

/** One of some named values, such as the checksums. */
export function named(values: ReadonlyMap<string, unknown>): Option {
  const names = [...values.keys()];
  return {
    ...choice(names),
    read: (json) => typeof json === "string" ? values.get(json) : undefined,
    write: (value) => names.find((name) => values.get(name) === value),
  };
}

/** The label of a text encoding. */
export const label: Option = {
  ...string(),
  words: "any",
  print: (json) =>
    isWord(String(json)) ? String(json) : printString(String(json)),
};

/** Text. */
export function string(byDefault?: string): Option {
  return {
    expected: "a string in quotes",
    schema: { type: "string" },
    ...(byDefault !== undefined && { default: byDefault }),
    words: "none",
    ...same(isText),
    print: printJson,
  };
}

const bytesSchema: JsonObject = {
  anyOf: [
    { type: "string" },
    {
      type: "object",
      properties: { hex: { type: "string", pattern: "^([0-9A-Fa-f]{2})*$" } },
      required: ["hex"],
      additionalProperties: false,
    },
  ],
};

/** Bytes. */
export const bytes: Option = {
  expected: "a string in quotes",
  schema: bytesSchema,
  words: "none",
  read: readBytes,
  write: writeBytes,
  print: (json) => printBytes(json as BytesJson),
};

/** Several strings of bytes. */
export const bytesList: Option = {
  expected: "a list of strings",
  schema: { type: "array", items: bytesSchema },
  words: "none",
  read: (json) => isArray(json) ? each(json, readBytes) : undefined,
  write: (value) => isArray(value) ? each(value, writeBytes) : undefined,
  print: (json) => printList((json as BytesJson[]).map(printBytes)),
};

/** Values of one option or of another. */
export function either(one: Option, other: Option): Option {
  return {
    expected: `${one.expected}, or ${other.expected}`,
    schema: { anyOf: [one.schema, other.schema] },
    ...(one.default !== undefined && { default: one.default }),
    words: one.words,
    read: (json) => one.read(json) ?? other.read(json),
    write: (value) => one.write(value) ?? other.write(value),
    print: (json) =>
      one.read(json) === undefined ? other.print(json) : one.print(json),
  };
}

/** The replacements of `stuffed`: bytes by bytes, or a rule. */
export const escapeMap: Option = {
  expected: "bytes by bytes, or {xor: BYTE, also: [BYTES]}",
  schema: {
    anyOf: [
      {
        type: "object",
        properties: {
          xor: byte.schema,
          also: { type: "array", items: byte.schema },
        },
        required: ["xor"],
        additionalProperties: false,
      },
      {
        type: "object",
        patternProperties: { "^(0|[1-9]\\d{0,2})$": byte.schema },
        additionalProperties: false,
      },
    ],
  },
  words: "none",
  ...same(isEscapeMap),
  print(json) {
    const { xor, also, ...bytes } = json as JsonObject;
    if (xor === undefined) {
      return printObject(
        Object.entries(bytes).map(([k, v]) => [printByte(k), printByte(v)]),
      );
    }
    const rule: [string, string][] = [["xor", printByte(xor)]];
    if (isArray(also)) rule.push(["also", printList(also.map(printByte))]);
    return printObject(rule);
  },
};

/** The members of an object of JSON. */
export const members: Option = {
  expected: `an object of JSON, at most ${MAX_VALUE_DEPTH} levels deep`,
  schema: { type: "object" },
  words: "none",
  read: (json) => isMembers(json) ? json : undefined,
  // As JSON has it, without a -0.
  write: (value) =>
    isMembers(value) ? JSON.parse(JSON.stringify(value)) : undefined,
  print: printJson,
};

function isMembers(value: unknown): value is JsonObject {
  return isObject(value) && isJson(value, MAX_VALUE_DEPTH);
}

/** Whether text is a word of the grammar. */
function isWord(text: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(text);
}

/** Values that are the same in JSON and for the codec. */
function same(is: (value: unknown) => boolean): Pick<Option, "read" | "write"> {
  const check = (value: unknown) => is(value) ? value as JsonValue : undefined;
  return { read: check, write: check };
}

/** What a function makes of each, if it makes something of all. */
function each<T, U>(
  values: readonly T[],
  of: (value: T) => U | undefined,
): U[] | undefined {
  const made: U[] = [];
  for (const value of values) {
    const one = of(value);
    if (one === undefined) return undefined;
    made.push(one);
  }
  return made;
}

const UNITS = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const;

function printSize(bytes: number): string {
  const unit = UNITS.find(([, size]) => bytes > 0 && bytes % size === 0);
  return unit === undefined ? `${bytes}` : `${bytes / unit[1]}${unit[0]}`;
}

function printByte(value: unknown): string {
  return hexByte(Number(value));
}

function isByte(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 256;
}

function isText(value: unknown): boolean {
  // A lone surrogate cannot be written in UTF-8.
  return typeof value === "string" && value.isWellFormed();
}

function isEscapeMap(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { xor, also = [], ...bytes } = value;
  const entries = Object.entries(bytes);
  if (xor === undefined) {
    return entries.every(([key, byte]) =>
      /^(0|[1-9]\d{0,2})$/.test(key) && isByte(Number(key)) && isByte(byte)
    );
  }
  return isByte(xor) && isArray(also) && also.every(isByte) &&
    entries.length === 0;
}

/** Whether a value, as one that a program has given, is data that JSON can keep. */
function isJson(value: unknown, depth: number): boolean {
  if (isText(value) || typeof value === "boolean" || value === null) {
    return true;
  }
  if (typeof value === "number") return Number.isFinite(value);
  if (depth === 0) return false;
  if (isArray(value)) return value.every((one) => isJson(one, depth - 1));
  return isObject(value) && isPlain(value) &&
    Object.entries(value).every(([key, one]) =>
      isText(key) && isJson(one, depth - 1)
    );
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
