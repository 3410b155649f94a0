/** What must hold of a codec for any bytes, without a library of assertions. */

/** Throws an error with the text where something does not hold. */
export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Throws an error where two values are not deeply equal. */
export function mustBeSame(
  what: string,
  actual: unknown,
  expected: unknown,
): void {
  if (!same(actual, expected)) {
    throw new Error(
      `${what}: expected ${shown(expected)}, got ${shown(actual)}`,
    );
  }
}

/** Deep equality of what frames are made of. */
function same(a: unknown, b: unknown): boolean {
  // 0 is -0 here: JSON writes both alike.
  if (a === b) return true;
  if (
    typeof a !== "object" || typeof b !== "object" || a === null || b === null
  ) return false;
  if (Array.isArray(a) || a instanceof Uint8Array) {
    if (a.constructor !== b.constructor) return false;
    const other = b as typeof a;
    if (a.length !== other.length) return false;
    for (let i = 0; i < a.length; i++) {
      if (!same(a[i], other[i])) return false;
    }
    return true;
  }
  const [one, other] = [a, b] as Record<string, unknown>[];
  const names = Object.keys(one!);
  return names.length === Object.keys(other!).length &&
    names.every((name) =>
      Object.hasOwn(other!, name) && same(one![name], other![name])
    );
}

function shown(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, part) => part instanceof Uint8Array ? hexOf(part) : part,
  ) ?? "nothing";
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}

/** The digits of bytes in hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
