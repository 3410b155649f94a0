const encoder = new TextEncoder();

/**
 * Reads bytes in hexadecimal, as they are copied from anywhere: with or without spaces,
 * commas, colons, `0x`, `\x`, braces, and the offsets and texts of a hex dump.
 *
 * @throws {TypeError} If a part of it is no byte.
 */
export function parseHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text
    // A dump as of `hexdump -C` or `xxd`: an offset, and the text behind the bytes.
    .replace(/^\s*[\da-f]{4,16}(?::\s|\s{2,}|:?\t)/gim, "")
    .replace(
      /\s{2,}(\|.*\||\S.*)$/gm,
      (tail) => /^\s+([\da-f]{2}\s*)+$/i.test(tail) ? tail : "",
    )
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
