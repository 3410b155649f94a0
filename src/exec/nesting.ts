import type { JsonValue } from "../codec/views/json.ts";

/** How many lists and objects of arguments may be within each other. */
export const MAX_DEPTH = 64;

/**
 * Whether arguments are nested deeper than `MAX_DEPTH`. Their readers, such as a
 * schema or `JSON.stringify`, may recurse once a level and overflow the stack;
 * this function does not recurse.
 */
export function isTooDeep(args: JsonValue): boolean {
  let level = [args].filter(isNested);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) => Object.values(value)).filter(isNested);
  }
  return false;
}

function isNested(value: JsonValue): value is Extract<JsonValue, object> {
  return typeof value === "object" && value !== null;
}
