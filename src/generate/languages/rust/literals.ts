/** A whole number with its digits in groups, as `1_048_576`. */
export function number(value: number | bigint): string {
  return `${value}`.replace(/\B(?=(\d{3})+$)/g, "_");
}

/** A byte, as `b'<'` or `0x0b`. */
export function byte(value: number): string {
  const escaped = escapes.get(value) ?? (value === 0x27 ? "\\'" : undefined);
  if (escaped !== undefined) return `b'${escaped}'`;
  const isPrintable = value >= 0x20 && value < 0x7f;
  return isPrintable ? `b'${String.fromCharCode(value)}'` : hex(value);
}

/** A byte string, as `b"\x1c\r"`. */
export function byteString(bytes: Uint8Array): string {
  const characters = Array.from(bytes, (value) => {
    const escaped = escapes.get(value) ?? (value === 0x22 ? '\\"' : undefined);
    if (escaped !== undefined) return escaped;
    return value >= 0x20 && value < 0x7f
      ? String.fromCharCode(value)
      : `\\x${digits(value)}`;
  });
  return `b"${characters.join("")}"`;
}

/** A byte in hexadecimal, as `0x0b`. */
export function hex(value: number): string {
  return `0x${digits(value)}`;
}

function digits(value: number): string {
  return value.toString(16).padStart(2, "0");
}

const escapes: ReadonlyMap<number, string> = new Map([
  [0x00, "\\0"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x5c, "\\\\"],
]);

/** A number of bytes in words, as `2 bytes`. */
export function counted(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}
