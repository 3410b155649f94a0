import type { Part } from "./parts.ts";

/** Splits a checksum of `count` bytes off the end of the content. */
export function withChecksum(parts: readonly Part[], count: number): Part[] {
  const reversed: Part[] = [];
  let left = count;
  for (const part of parts.toReversed()) {
    if (!part.isContent || left === 0) {
      reversed.push(part);
      continue;
    }
    const { length, tailLength } = part;
    const tail = tailLength === undefined
      ? Math.min(left, length)
      : tailLength(left);
    left = tailLength === undefined ? left - tail : 0;
    reversed.push(
      { name: "checksum", length: tail },
      { ...part, length: length - tail },
    );
  }
  return reversed.reverse();
}
