import { parseFormat } from "../../format/parse_format.ts";
import { isTextByte } from "../../format/hints/evidence.ts";
import { isUtf8 } from "../../format/hints/encodings.ts";
import { type Cut, cutAll } from "./cut.ts";
import type { Sample } from "./types.ts";

/** What the contents of frames are, as stages over them. */
export interface Views {
  readonly expression: string;
  /** How many bits speak for the frames because their contents are that. */
  readonly bits: number;
  readonly evidence: readonly string[];
}

/** The checksums and their lengths in bytes; the longest first. */
const checksums: readonly (readonly [string, number])[] = [
  ["crc32", 4],
  ["crc32c", 4],
  ["crc16Modbus", 2],
  ["crc16Ccitt", 2],
  ["crc16X25", 2],
  ["crc16Xmodem", 2],
  ["xor8", 1],
  ["sum8", 1],
  ["lrc8", 1],
];

/** How many bytes of text are enough to call it text. */
const LEAST_TEXT = 8;
const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Lays the stages that fit over a format. */
export function viewsOf(
  expression: string,
  cut: Cut,
  streams: readonly Sample[],
): Views {
  const checked = withChecksum(expression, cut, streams);
  const values = checked?.cut.values ?? cut.values;
  const base = checked?.expression ?? expression;
  const bits = checked?.bits ?? 0;
  const evidence = [...checked?.evidence ?? []];
  const texts = textsOf(values);
  if (texts === undefined) return { expression: base, bits, evidence };
  const json = jsonBits(texts);
  if (json !== undefined) {
    evidence.push("Each frame is JSON");
    return { expression: `${base} | json`, bits: bits + json, evidence };
  }
  // Lines are text already.
  if (typeof values[0] === "string") {
    return { expression: base, bits, evidence };
  }
  evidence.push("Each frame is text");
  return { expression: `${base} | text`, bits, evidence };
}

interface Checked extends Views {
  readonly cut: Cut;
}

/** Finds the checksum at the end of each frame, if there is one. */
function withChecksum(
  expression: string,
  { values, frames }: Cut,
  streams: readonly Sample[],
): Checked | undefined {
  if (frames < 2 || !values.every((value) => value instanceof Uint8Array)) {
    return undefined;
  }
  const distinct = new Set(values.slice(0, 64).map(String)).size;
  const whole = expression.startsWith("length(")
    ? expression.replace(/\)$/, ", stripBytes=0)")
    : expression;
  for (const [kind, length] of checksums) {
    // One byte is right by chance too often.
    if (distinct < (length === 1 ? 4 : 2)) continue;
    for (const covered of new Set([expression, whole])) {
      const checked = `${covered} | checksum(${kind})`;
      const cut = cutAll(parseFormat(checked), streams);
      if (cut === undefined || cut.frames !== frames) continue;
      const what = covered === expression ? "" : ", its header included";
      return {
        expression: checked,
        cut,
        bits: 8 * length * distinct - 6,
        evidence: [`The ${kind} of each frame is right${what}`],
      };
    }
  }
  return undefined;
}

/** The frames as text, if all of them are. */
function textsOf(values: readonly unknown[]): string[] | undefined {
  const texts: string[] = [];
  let length = 0;
  for (const value of values) {
    if (typeof value === "string") texts.push(value);
    else if (value instanceof Uint8Array && isText(value)) {
      texts.push(textDecoder.decode(value));
    } else return undefined;
    length += texts.at(-1)!.length;
  }
  return length < LEAST_TEXT ? undefined : texts;
}

function isText(bytes: Uint8Array): boolean {
  if (!bytes.every((byte) => byte >= 0x80 || isTextByte(byte))) return false;
  if (!isUtf8(bytes)) return false;
  // A character that is cut off is no text.
  return bytes.length === 0 || bytes.at(-1)! < 0x80 || isWhole(bytes);
}

function isWhole(bytes: Uint8Array): boolean {
  try {
    textDecoder.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** What it is worth that all texts are JSON, mostly lists and objects. */
function jsonBits(texts: readonly string[]): number | undefined {
  let bits = 0;
  let nested = 0;
  for (const text of texts) {
    try {
      JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
    if (!/^\s*[[{]/.test(text)) continue;
    nested++;
    bits += Math.min(8, text.length / 2);
  }
  return 2 * nested >= texts.length && nested > 0 ? bits : undefined;
}
