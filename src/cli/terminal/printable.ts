import { escapeControls, hexEscape } from "./escape_controls.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Bytes as text that is safe to write to a terminal: characters where they are UTF-8,
 * `\xHH` where they are not, and control characters as {@linkcode escapeControls}
 * writes them.
 */
export function printable(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const start = at;
    while (at < bytes.length) {
      const length = sequenceLength(bytes, at);
      if (length === 0) break;
      at += length;
    }
    text += escapeControls(decoder.decode(bytes.subarray(start, at)));
    if (at < bytes.length) text += hexEscape(bytes[at++]!);
  }
  return text;
}

/**
 * How many bytes the character has that begins at an index; 0 where none does (The
 * Unicode Standard, table 3-7).
 */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // The second byte excludes forms that are too long, surrogates and what is behind
  // the last code point.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = at + 2; i < at + length; i++) {
    if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
