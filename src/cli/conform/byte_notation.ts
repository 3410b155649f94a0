import { concat } from "../../net/bytes.ts";

const part = /'([^']*)'(?:\*(\d+))?|((?:[0-9a-f]{2})+)(?:\*(\d+))?/gy;

/**
 * The bytes of a notation: parts with spaces between them, each either
 * hexadecimal digits or text in single quotes, and `*` and a number behind one
 * that stands there so many times.
 */
export function bytesOf(notation: string): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < notation.length) {
    part.lastIndex = at;
    const match = part.exec(notation);
    if (match === null || !/^( |$)/.test(notation.slice(part.lastIndex))) {
      throw new TypeError(`Not bytes, from ${at} on: ${notation}`);
    }
    at = part.lastIndex + 1;
    const [, text, textTimes, digits = "", digitsTimes] = match;
    const unit = text !== undefined
      ? encoder.encode(text)
      : Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
    parts.push(repeated(unit, Number(textTimes ?? digitsTimes ?? 1)));
  }
  return concat(parts);
}

function repeated(unit: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(unit.length * times);
  if (unit.length === 1) return all.fill(unit[0]!);
  for (let i = 0; i < times; i++) all.set(unit, i * unit.length);
  return all;
}

const encoder = new TextEncoder();
