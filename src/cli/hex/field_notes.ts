import { hexOf } from "../../codec/bytes/hex.ts";
import type { FrameField } from "../../format/fields_of.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { sequenceLength } from "../terminal/printable.ts";

/** What a field says, in words. */
export interface FieldNote {
  /** What the field is for, which decides its colour. */
  readonly role: FrameField["name"];
  /** Its name, where that is another one. */
  readonly name?: string;
  readonly text: string;
}

/** A longer text would be cut in any case. */
const MOST_BYTES = 1_024;
/** So many bytes are shown in hexadecimal. */
const MOST_HEX = 8;

/** The fields of a frame with what they say; `offset` is that of the bytes. */
export function fieldNotes(
  fields: readonly FrameField[],
  bytes: Uint8Array,
  offset: number,
): FieldNote[] {
  return fields.map(({ name, offset: at, length, value }) => {
    const from = at - offset;
    const part = bytes.subarray(from, from + length);
    return {
      role: name,
      text: value === undefined ? shown(part) : shownValue(value),
    };
  });
}

/** A decoded value: as JSON, so that text is seen to be text. */
export function shownValue(value: unknown): string {
  // What is cut in any case need not be escaped.
  const start = typeof value === "string" ? value.slice(0, MOST_BYTES) : value;
  return escapeControls(JSON.stringify(start, readable) ?? "undefined");
}

/** Bytes and large numbers within a value, for people. */
function readable(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return textOf(value) ?? shown(value);
  if (typeof value === "bigint") return String(value);
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** Bytes: in quotes where they are text, some in hexadecimal, or how many they are. */
function shown(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text !== undefined) return escapeControls(JSON.stringify(text));
  return bytes.length > MOST_HEX ? `${bytes.length} bytes` : hexOf(bytes);
}

/** The beginning of bytes that are text in UTF-8 without control characters. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  const most = Math.min(bytes.length, MOST_BYTES);
  let end = 0;
  // A decoder that throws would take much longer, and most binary fields are short.
  while (end < most) {
    const byte = bytes[end]!;
    if (byte < 0x20 && !LINE_BYTES.includes(byte) || byte === 0x7f) {
      return undefined;
    }
    const length = sequenceLength(bytes, end);
    if (length === 0) return undefined;
    end += length;
  }
  return decoder.decode(bytes.subarray(0, end));
}

/** Control characters of text: tab, line feed and carriage return. */
const LINE_BYTES: readonly number[] = [0x09, 0x0a, 0x0d];

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
