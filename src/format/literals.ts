import { hexOf } from "../codec/bytes/hex.ts";
import type { JsonValue } from "../codec/views/json.ts";

/** Bytes in the JSON form: a string where they are UTF-8, and `{ hex }` otherwise. */
export type BytesJson = string | { readonly hex: string };

const HEX = /^(?:[\da-f]{2})*$/i;
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The JSON form of bytes. */
export function bytesToJson(bytes: Uint8Array): BytesJson {
  try {
    return textDecoder.decode(bytes);
  } catch {
    // Not UTF-8.
    return { hex: hexOf(bytes, "") };
  }
}

/** The JSON form of bytes, or of a string that stands for bytes. */
export function writeBytes(value: unknown): BytesJson | undefined {
  if (value instanceof Uint8Array) return bytesToJson(value);
  // A lone surrogate becomes the bytes of U+FFFD, as in the codec.
  if (typeof value === "string") return bytesToJson(textEncoder.encode(value));
  return undefined;
}

/** What a codec takes for bytes in the JSON form; `undefined` if they are not. */
export function readBytes(
  json: JsonValue,
): string | Uint8Array | undefined {
  if (typeof json === "string") return json;
  if (!isObject(json) || Object.keys(json).length !== 1) return undefined;
  const { hex } = json;
  if (typeof hex !== "string" || !HEX.test(hex)) return undefined;
  return Uint8Array.from(
    { length: hex.length / 2 },
    (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Prints bytes of the JSON form as a string literal. */
export function printBytes(json: BytesJson): string {
  return typeof json === "string"
    ? printString(json)
    : `"${json.hex.replaceAll(/../g, "\\x$&").toLowerCase()}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\0": "\\0",
};

/** Prints a string literal; what cannot be seen becomes an escape. */
export function printString(text: string): string {
  const escaped = text.replaceAll(
    /["\\]|(?! )[\p{C}\p{Z}]/gu,
    (character) => ESCAPES[character] ?? escapeOf(character),
  );
  return `"${escaped}"`;
}

function escapeOf(character: string): string {
  const unit = character.charCodeAt(0);
  // `\x80` and above are bytes, not characters.
  if (unit < 0x80) return `\\x${hexOf([unit])}`;
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** Prints a value of the JSON form. */
export function printJson(json: JsonValue): string {
  if (typeof json === "string") return printString(json);
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  if (isArray(json)) return printList(json.map(printJson));
  return printObject(
    Object.entries(json).map(([k, v]) => [printString(k), printJson(v)]),
  );
}

/** A value of any kind in a few words, for errors. */
export function shown(value: unknown): string {
  if (isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? printString(value) : String(value);
  return cut(text);
}

/** Text that is at most as long as errors show it. */
export function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Prints a list of values that are printed already. */
export function printList(values: readonly string[]): string {
  return `[${values.join(", ")}]`;
}

/** Prints an object whose keys and values are printed already. */
export function printObject(
  entries: readonly (readonly [string, string])[],
): string {
  return `{${entries.map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
}

/** Whether a value of JSON, or what should be one, is an object. */
export function isObject(
  json: unknown,
): json is { readonly [key: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** `Array.isArray` for lists that are read only. */
export function isArray(json: unknown): json is readonly JsonValue[] {
  return Array.isArray(json);
}
