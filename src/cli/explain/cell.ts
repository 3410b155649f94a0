import type { FieldName } from "../../format/fields_of.ts";

/** A field in a drawing of a frame: its name, and what it has. */
export type Cell = readonly [name: FieldName, text: string];

/** A number of bytes in words. */
export function bytes(count: unknown): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}
