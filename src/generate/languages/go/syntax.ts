/** Pieces of Go. */

/** A byte as Go writes it: `'<'`, or `0x1c` where it is no printable character. */
export function goByte(byte: number): string {
  if (byte === 0x0a) return "'\\n'";
  if (byte === 0x27 || byte === 0x5c) {
    return `'\\${String.fromCharCode(byte)}'`;
  }
  return isPrintable(byte)
    ? `'${String.fromCharCode(byte)}'`
    : `0x${hexByte(byte)}`;
}

/** Bytes as a string of Go, such as `"\r\n"` or `"\xff\x00"`. */
export function goString(bytes: Uint8Array): string {
  const usual: Record<number, string> = {
    0x09: "\\t",
    0x0a: "\\n",
    0x0d: "\\r",
    0x22: '\\"',
    0x5c: "\\\\",
  };
  const written = Array.from(
    bytes,
    (byte) =>
      usual[byte] ??
        (isPrintable(byte) ? String.fromCharCode(byte) : `\\x${hexByte(byte)}`),
  );
  return `"${written.join("")}"`;
}

/** A byte as two hexadecimal digits. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** A size as people read it: `1 << 20`, `64 << 10`, or its digits. */
export function goSize(size: number): string {
  if (size >= 2 ** 20 && size % 2 ** 20 === 0) return `${size / 2 ** 20} << 20`;
  if (size >= 2 ** 10 && size % 2 ** 10 === 0) return `${size / 2 ** 10} << 10`;
  return `${size}`;
}

/** The largest number that an `int` of Go has on all machines. */
export const MAX_INT: number = 2 ** 31 - 1;

/** A length, in a type that can be compared with `bound` on all machines. */
export function comparable(length: string, bound: number | bigint): string {
  return bound > MAX_INT ? `int64(${length})` : length;
}

/** A number of bytes for people. */
export function bytesOf(count: number | bigint): string {
  return `${count} byte${count === 1 || count === 1n ? "" : "s"}`;
}

/** A sum with a constant, such as `n + 4`, `n - 4` or `n`. */
export function plus(name: string, constant: number): string {
  if (constant === 0) return name;
  return constant < 0 ? `${name} - ${-constant}` : `${name} + ${constant}`;
}

/** A sum or quotient as `gofmt` writes it inside of something larger. */
export function compact(value: string): string {
  return value.replaceAll(" ", "");
}

/** A sum with the constant in front, as sizes of headers stand. */
export function after(constant: number, name: string): string {
  return constant > 0 ? `${constant} + ${name}` : plus(name, constant);
}

/** Lines of two columns and a comment, aligned as `gofmt` does. */
export function aligned(
  rows: readonly (readonly [name: string, rest: string, comment?: string])[],
  between = " ",
): string {
  const names = Math.max(...rows.map(([name]) => name.length));
  const rests = Math.max(...rows.map(([, rest]) => rest.length));
  return rows
    .map(([name, rest, comment]) => {
      const start = `${name.padEnd(names)}${between}`;
      return comment === undefined
        ? `${start}${rest}`
        : `${start}${rest.padEnd(rests)} // ${comment}`;
    })
    .join("\n");
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}
