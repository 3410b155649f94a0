import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";

/**
 * `assertEquals` for frames: it compares bytes by `Buffer.compare`, as the cuts
 * of one input make thousands of comparisons, and some frames have megabytes.
 */
export function assertFrames(
  actual: readonly unknown[],
  expected: readonly unknown[],
  message?: string,
): void {
  const same = actual.length === expected.length &&
    actual.every((frame, i) => isSame(frame, expected[i]));
  if (!same) assertEquals(actual, expected, message);
}

// What is not the same here may still be equal: `assertEquals` decides then.
function isSame(a: unknown, b: unknown): boolean {
  return isPlainBytes(a) && isPlainBytes(b)
    ? Buffer.compare(a, b) === 0
    : Object.is(a, b);
}

// A `Buffer` never equals a `Uint8Array`.
function isPlainBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array &&
    Object.getPrototypeOf(value) === Uint8Array.prototype;
}
