/** Bytes in hexadecimal for errors, such as `1c 0d`. */
export function hexOf(bytes: Iterable<number>, separator = " "): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(separator);
}

/** A byte in hexadecimal for errors, such as `0x1c`. */
export function hexByte(byte: number): string {
  return `0x${hexOf([byte])}`;
}
