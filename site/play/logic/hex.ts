const encoder = new TextEncoder();

/**
 * Reads bytes in hexadecimal, as they are copied from anywhere: with or without spaces,
 * commas, colons, `0x`, `\x`, braces, and the offsets and texts of a hex dump.
 *
 * @throws {TypeError} If a part of it is no byte.
 */
export function parseHex(text: string): Uint8Array<ArrayBuffer> {
  const isDump = DUMP_ROW.test(text);
  const digits = (isDump ? text.split("\n").map(bytesOfRow).join(" ") : text)
    .replace(/0x|\\x|[\s,;:{}()[\]"'_-]/gi, " ");
  const all: number[] = [];
  for (const word of digits.split(" ")) {
    if (word === "") continue;
    const padded = word.length === 1 ? `0${word}` : word;
    if (padded.length % 2 > 0 || !/^[\da-f]+$/i.test(padded)) {
      throw new TypeError(word);
    }
    for (const pair of padded.match(/../g)!) all.push(parseInt(pair, 16));
  }
  return Uint8Array.from(all);
}

/** A row of a dump, as of `hexdump -C` or `xxd`, begins with its offset. */
const DUMP_ROW = /^\s*[\da-f]{4,16}(?::\s|\s{2,3}|:?\t)/im;

/** The bytes of a row, between its offset and its text. */
function bytesOfRow(row: string): string {
  const offset = DUMP_ROW.exec(row)?.[0];
  if (offset === undefined) return "";
  const bytes = /^(?:(?:[\da-f]{2})+(?: {1,2}|$))*/i
    .exec(row.slice(offset.length).trimEnd())![0];
  return bytes.match(/[\da-f]{2}/gi)?.slice(0, 16).join(" ") ?? "";
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  0: "\0",
};

/** Reads text with escapes: `\n`, `\r`, `\t`, `\0`, `\\`, `\xHH` for a byte, `\uHHHH`. */
export function parseText(text: string): Uint8Array<ArrayBuffer> {
  const all: number[] = [];
  const parts = /\\x([\da-f]{2})|\\u([\da-f]{4})|\\([nrt0\\])|(\\|[^\\]+)/giu;
  for (const [, byte, unit, letter, plain] of text.matchAll(parts)) {
    if (byte !== undefined) all.push(parseInt(byte, 16));
    else {
      const piece = unit !== undefined
        ? String.fromCharCode(parseInt(unit, 16))
        : letter !== undefined
        ? ESCAPES[letter] ?? letter
        : plain!;
      for (const one of encoder.encode(piece)) all.push(one);
    }
  }
  return Uint8Array.from(all);
}

/** Writes bytes as {@linkcode parseText} reads them. */
export function printText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += byte === 0x5c
      ? "\\\\"
      : byte === 0x0a
      ? "\\n"
      : byte === 0x0d
      ? "\\r"
      : byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\x${hexByte(byte)}`;
  }
  return text;
}

/** A byte as two digits. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Writes bytes in hexadecimal. */
export function printHex(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join(" ");
}
