/**
 * The part of `@std/bytes` that the tests use, for Bun and Node and for
 * machines that cannot reach JSR. Plain loops on purpose: it is the oracle that
 * the faster code under test is compared with.
 *
 * Names, parameters and results are those of `@std/bytes` 1.0.6, the quirk
 * included that an empty needle is never found.
 */

/** Joins byte arrays into one. */
export function concat(
  buffers: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const buffer of buffers) {
    joined.set(buffer, offset);
    offset += buffer.length;
  }
  return joined;
}

/** Copies as much of `src` as fits into `dst` and returns how much that was. */
export function copy(src: Uint8Array, dst: Uint8Array, offset = 0): number {
  const at = Math.min(Math.max(offset, 0), dst.length);
  const count = Math.min(src.length, dst.length - at);
  dst.set(src.subarray(0, count), at);
  return count;
}

/** Tells whether both hold the same bytes. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && matchesAt(a, b, 0);
}

/** Tells whether `source` begins with `prefix`. */
export function startsWith(source: Uint8Array, prefix: Uint8Array): boolean {
  return matchesAt(source, prefix, 0);
}

/** Tells whether `source` ends with `suffix`. */
export function endsWith(source: Uint8Array, suffix: Uint8Array): boolean {
  return matchesAt(source, suffix, source.length - suffix.length);
}

/** Index of the first `needle` at or after `start`, or -1. */
export function indexOfNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start = 0,
): number {
  if (needle.length === 0) return -1;
  // A negative start counts from the end.
  const from = start < 0 ? Math.max(0, source.length + start) : start;
  for (let i = from; i <= source.length - needle.length; i++) {
    if (matchesAt(source, needle, i)) return i;
  }
  return -1;
}

/** Index of the last `needle` that ends at or before `start`, or -1. */
export function lastIndexOfNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start: number = source.length - 1,
): number {
  if (needle.length === 0) return -1;
  const last = Math.min(start, source.length - 1);
  for (let i = last - needle.length + 1; i >= 0; i--) {
    if (matchesAt(source, needle, i)) return i;
  }
  return -1;
}

/** Tells whether `needle` occurs at or after `start`. */
export function includesNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start = 0,
): boolean {
  return indexOfNeedle(source, needle, start) !== -1;
}

/** `source` written `count` times. */
export function repeat(
  source: Uint8Array,
  count: number,
): Uint8Array<ArrayBuffer> {
  if (count < 0 || !Number.isInteger(count)) {
    throw new RangeError("Count must be a non-negative integer");
  }
  return concat(new Array<Uint8Array>(count).fill(source));
}

function matchesAt(
  source: Uint8Array,
  needle: Uint8Array,
  at: number,
): boolean {
  if (at < 0 || at + needle.length > source.length) return false;
  return needle.every((byte, i) => source[at + i] === byte);
}
