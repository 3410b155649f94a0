import { hexByte } from "./hex.ts";
import { checkCount } from "../../checks.ts";
import type { ByteWriter } from "./byte_writer.ts";

/**
 * What follows the escape in place of each byte that must not occur in a frame: a
 * list of such bytes, as `{ 0xc0: 0xdc, 0xdb: 0xdd }`, or a rule.
 */
export type EscapeMap = Readonly<Record<number, number>> | XorEscapes;

/**
 * A byte that must be escaped is combined with a number by exclusive or. The decoder
 * does the same to every byte that follows an escape.
 */
export interface XorEscapes {
  /** The number, from 1 to 255. */
  readonly xor: number;
  /**
   * The bytes that the encoder escapes besides the end byte and the escape.
   *
   * @default {[]}
   */
  readonly also?: readonly number[];
}

/** The two directions of an escape byte. */
export interface Escapes {
  readonly escape: number;
  /** For each byte of a frame, what follows the escape; -1 where none is needed. */
  readonly written: Int16Array;
  /** For each byte behind an escape, what it stands for; -1 where for nothing. */
  readonly read: Int16Array;
}

/**
 * Checks the bytes of a format with an escape.
 *
 * @param end The byte that must never be written in a frame.
 */
export function escapesOf(
  end: number,
  escape: number,
  map: EscapeMap,
): Escapes {
  checkCount("end", end, 0, 255);
  checkCount("escape", escape, 0, 255);
  if (escape === end) {
    throw wrongBytes("escape", "another byte than end", escape);
  }
  const escapes = isXor(map) ? byRule(end, escape, map) : byList(escape, map);
  const { written } = escapes;
  for (const byte of [end, escape]) {
    if (written[byte]! < 0) {
      throw wrongBytes("map", `what stands for ${hexByte(byte)}`);
    }
  }
  if (written.includes(end)) {
    throw wrongBytes("map", "other bytes than end behind the escape", end);
  }
  return escapes;
}

function byRule(end: number, escape: number, rule: XorEscapes): Escapes {
  const { xor, also = [] } = rule;
  checkCount("map.xor", xor, 1, 255);
  const written = new Int16Array(256).fill(-1);
  for (const byte of [end, escape, ...also]) {
    checkCount("map.also", byte, 0, 255);
    written[byte] = byte ^ xor;
  }
  return { escape, written, read: Int16Array.from(written, (_, i) => i ^ xor) };
}

function byList(
  escape: number,
  list: Readonly<Record<number, number>>,
): Escapes {
  const written = new Int16Array(256).fill(-1);
  const read = new Int16Array(256).fill(-1);
  for (const [key, code] of Object.entries(list)) {
    const byte = Number(key);
    checkCount("map", byte, 0, 255);
    checkCount("map", code, 0, 255);
    if (read[code]! >= 0) {
      throw wrongBytes("map", "a byte of its own for each byte", code);
    }
    written[byte] = code;
    read[code] = byte;
  }
  return { escape, written, read };
}

/** Appends a frame, and an escape before each byte that needs one. */
export function writeEscaped(
  frame: Uint8Array,
  { escape, written }: Escapes,
  output: ByteWriter,
): void {
  let from = 0;
  for (let i = 0; i < frame.length; i++) {
    const code = written[frame[i]!]!;
    if (code < 0) continue;
    output.write(frame.subarray(from, i));
    output.writeByte(escape);
    output.writeByte(code);
    from = i + 1;
  }
  output.write(frame.subarray(from));
}

/**
 * Returns what was written with escapes, or `undefined` if an escape is the last byte
 * or the byte behind it stands for nothing.
 */
export function withoutEscapes(
  bytes: Uint8Array,
  { escape, read }: Escapes,
): Uint8Array | undefined {
  let at = bytes.indexOf(escape);
  if (at < 0) return bytes;
  const frame = new Uint8Array(bytes.length);
  frame.set(bytes.subarray(0, at));
  let length = at;
  while (at < bytes.length) {
    let byte = bytes[at++]!;
    if (byte === escape) {
      if (at === bytes.length) return undefined;
      byte = read[bytes[at++]!]!;
      if (byte < 0) return undefined;
    }
    frame[length++] = byte;
  }
  return frame.subarray(0, length);
}

function isXor(map: EscapeMap): map is XorEscapes {
  if (typeof map === "object" && map !== null) return "xor" in map;
  throw new TypeError(
    `Cannot use map: expected bytes by bytes, or { xor }, got ${typeof map}`,
  );
}

function wrongBytes(name: string, expected: string, got?: number): RangeError {
  return new RangeError(
    `Cannot use ${name}: expected ${expected}, got ${
      got === undefined ? "none" : hexByte(got)
    }`,
  );
}
