/** Whether two frames are equal, in depth. JSON has one zero: 0 is -0 here. */
export function sameFrame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (
    typeof one !== "object" || typeof other !== "object" ||
    one === null || other === null
  ) return false;
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array &&
      sameBytes(one, other);
  }
  const names = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every((name) =>
      Object.hasOwn(other, name) &&
      sameFrame(
        (one as Record<string, unknown>)[name],
        (other as Record<string, unknown>)[name],
      )
    );
}

/** Whether bytes are equal. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, i) => byte === other[i]);
}
