import { hexOf } from "../../codec/bytes/hex.ts";
import type { FrameError } from "../../codec/errors.ts";

/** How many bytes of a stream are looked at. */
const MOST_BYTES = 1_024;

/** What is known of a frame that could not be read. */
export interface Evidence {
  readonly error: FrameError;
  /** The offset in the stream of the frame. */
  readonly offset: number;
  /** The first bytes of the stream. */
  readonly start: Uint8Array;
  /** The same, a character for each byte. */
  readonly startText: string;
  /** The first 32 of them in hexadecimal, with spaces between them. */
  readonly startHex: string;
  /** The beginning of a frame whose content is not valid: at most 64 bytes. */
  readonly content: Uint8Array | undefined;
  /** The number that the decoder read and could not use: mostly a length. */
  readonly announced: number | undefined;
  /** Where in the first bytes that number stands, if the first frame has it. */
  readonly field: NumberField | undefined;
  /**
   * Whether the first bytes of the stream made no sense to the decoder: it took them
   * for a length, or missed what a frame begins with.
   */
  readonly isMisread: boolean;
}

/** A number in the bytes. */
export interface NumberField {
  readonly at: number;
  readonly size: number;
  readonly littleEndian: boolean;
  readonly value: number;
}

/** A cause that can be told from the bytes. */
export interface Recogniser {
  readonly name: string;
  /** Returns the hint with its evidence, or `undefined` if this is not the cause. */
  recognise(evidence: Evidence): string | undefined;
}

/** Gathers what the recognisers look at. */
export function evidenceOf(
  error: FrameError,
  offset: number,
  bytes: Uint8Array,
): Evidence {
  // Further on, the first bytes explain nothing any more.
  const isNear = offset === 0 || offset < bytes.length;
  const start = isNear ? bytes.subarray(0, MOST_BYTES) : nothing;
  const announced = announcedBy(error);
  const field = offset === 0 && announced !== undefined
    ? fieldOf(announced, start)
    : undefined;
  return {
    error,
    offset,
    start,
    startText: String.fromCharCode(...start),
    startHex: hexOf(start.subarray(0, 32)),
    content: error.bytes,
    announced,
    field,
    isMisread: offset === 0 && isMisread(error, announced, field, start),
  };
}

function announcedBy({ code, expected, got }: FrameError): number | undefined {
  const text = code === "FRAME_TRUNCATED" ? expected : got;
  const [, digits] = /^(?:a frame of )?(\d+)(?: bytes)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Finds the field that a decoder can have read a number in. */
function fieldOf(
  announced: number,
  start: Uint8Array,
): NumberField | undefined {
  for (const size of [4, 8, 3, 2]) {
    for (const at of positions(size, start.length)) {
      for (const littleEndian of [false, true]) {
        const value = uintAt(start, at, size, littleEndian);
        // What an error says counts the header, or does not.
        const difference = Math.abs(value - announced);
        if (value < 256) continue;
        if (difference === 0 || difference === at + size) {
          return { at, size, littleEndian, value };
        }
      }
    }
  }
  return undefined;
}

/** Where in a header a field can be, multiples of its size first. */
function positions(size: number, most: number): number[] {
  const all = Array.from(
    { length: Math.max(0, Math.min(13, most - size + 1)) },
    (_, i) => i,
  );
  return [
    ...all.filter((at) => at % size === 0),
    ...all.filter((at) => at % size !== 0),
  ];
}

function isMisread(
  { code, got }: FrameError,
  announced: number | undefined,
  field: NumberField | undefined,
  start: Uint8Array,
): boolean {
  switch (code) {
    case "FRAME_TOO_LARGE":
      // Behind two bytes, such as a type, may still come the length.
      return announced === undefined || field !== undefined && field.at <= 2;
    case "FRAME_TRUNCATED":
      return field !== undefined && field.at <= 2;
    case "MARK_INVALID":
      // Not where a mark is missing further on.
      return got === hexOf(start.subarray(0, 1));
    case "LENGTH_INVALID":
      // A negative number, or the first byte is no digit.
      return /^-\d/.test(got) ||
        got.replace(/^0x/, "").startsWith(hexOf(start.subarray(0, 1)));
    default:
      return true;
  }
}

/** An unsigned integer in bytes. Past 2^53 it is rounded. */
export function uintAt(
  bytes: Uint8Array,
  at: number,
  size: number,
  littleEndian: boolean,
): number {
  let value = 0;
  for (let i = 0; i < size; i++) {
    value = value * 256 + bytes[littleEndian ? at + size - 1 - i : at + i]!;
  }
  return value;
}

/** Whether a byte occurs in ASCII text. */
export function isTextByte(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f || byte === 0x09 || byte === 0x0a ||
    byte === 0x0d;
}

/** The first characters of a text, in quotes. */
export function quoted(text: string, most = 16): string {
  // With the escapes of JSON, and without its quotes.
  const shown = JSON.stringify(text.slice(0, most)).slice(1, -1)
    .replaceAll('\\"', '"');
  return `“${shown}${text.length > most ? "…" : ""}”`;
}

/** What the decoder made of the first bytes, to stand behind what they are. */
export function asLength({ field, start }: Evidence): string {
  if (field === undefined) return "";
  const bytes = hexOf(start.subarray(field.at, field.at + field.size));
  return ` (${bytes} as a length is ${field.value})`;
}

const nothing = new Uint8Array(0);
