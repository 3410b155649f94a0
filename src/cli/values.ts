import { base64, bytesOf } from "../testing/base64.ts";
import { UsageError } from "./errors.ts";
import type { FrameKind } from "./formats.ts";

/**
 * A frame as a value of JSON. Bytes are `{"base64": "..."}`, and a `bigint` is
 * `{"bigint": "..."}`: {@linkcode valueOfJson} makes them from it again. Bytes that are
 * a whole frame are a string where they are text in UTF-8.
 */
export function jsonOf(frame: unknown): string {
  if (frame instanceof Uint8Array) {
    const text = textOf(frame);
    if (text !== undefined) return JSON.stringify(text);
  }
  return JSON.stringify(frame, replaced) ?? "null";
}

function replaced(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: base64(value) };
  if (typeof value === "bigint") return { bigint: String(value) };
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}

/**
 * A frame from JSON, as {@linkcode jsonOf} writes it.
 *
 * @throws {UsageError} If it is no JSON.
 */
export function valueOfJson(text: string, kind: FrameKind): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text, revived);
  } catch (cause) {
    throw new UsageError(
      `Cannot read a frame: expected JSON, got ${JSON.stringify(cut(text))}`,
      { cause },
    );
  }
  return kind === "bytes" && typeof value === "string"
    ? encoder.encode(value)
    : value;
}

function revived(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const [[name, content] = [], ...others] = Object.entries(value);
  if (others.length > 0 || typeof content !== "string") return value;
  if (name === "base64") return bytesOf(content) ?? value;
  return name === "bigint" && /^-?\d+$/.test(content) ? BigInt(content) : value;
}

/**
 * A frame as text, for people: text and bytes are themselves, other values are JSON, in
 * which bytes are strings where they are text in UTF-8.
 */
export function textOfValue(frame: unknown): string | Uint8Array {
  return typeof frame === "string" || frame instanceof Uint8Array
    ? frame
    : JSON.stringify(
      frame,
      (key, value) =>
        value instanceof Uint8Array
          ? textOf(value) ?? replaced(key, value)
          : replaced(key, value),
    ) ?? "null";
}

/** A frame as bytes: text is UTF-8, and other values are JSON. */
export function bytesOfValue(frame: unknown): Uint8Array {
  if (frame instanceof Uint8Array) return frame;
  return encoder.encode(typeof frame === "string" ? frame : jsonOf(frame));
}

/** A frame from text that a person typed: see `--in lines`. */
export function valueOfText(text: string, kind: FrameKind): unknown {
  if (kind === "bytes") return encoder.encode(text);
  if (kind === "text") return text;
  try {
    return JSON.parse(text, revived);
  } catch {
    // Not every value is an object: a text need not stand in quotes.
    return text;
  }
}

/** A frame from its bytes, where it is text or bytes. */
export function valueOfBytes(bytes: Uint8Array, kind: FrameKind): unknown {
  return kind === "bytes" ? bytes : valueOfText(lenient.decode(bytes), kind);
}

/** Bytes as text, if they are UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
