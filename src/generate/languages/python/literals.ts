/** Values of Python in its source code. */

/** A whole number, with its digits in groups. */
export function int(value: number | bigint): string {
  const digits = `${value}`;
  return digits.replace(/\B(?=(\d{3})+$)/g, digits.length > 4 ? "_" : "");
}

const escapes: Readonly<Record<number, string>> = {
  0x09: "\\t",
  0x0a: "\\n",
  0x0d: "\\r",
  0x22: '\\"',
  0x5c: "\\\\",
};

/** Bytes, as `b"\r\n"`. */
export function bytes(value: Iterable<number>): string {
  const text = Array.from(value, (byte) => escapes[byte] ?? printed(byte));
  return `b"${text.join("")}"`;
}

/** A pattern of `re` that matches exactly these bytes. */
export function pattern(value: Iterable<number>): string {
  return Array.from(value, (byte) => {
    const character = String.fromCharCode(byte);
    if (byte === 0x0a || byte === 0x0d || byte === 0x09) return escapes[byte]!;
    // A quote would end the literal around the pattern.
    if (byte === 0x22) return hex(byte);
    return /[\\^$.|?*+()[\]{}-]/.test(character)
      ? `\\${character}`
      : printed(byte);
  }).join("");
}

/** A string of text in ASCII. */
export function str(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

function printed(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte);
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
