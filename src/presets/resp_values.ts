/** The values of RESP, and what its reader and its encoder share. */

import { FrameError } from "../codec/errors.ts";

/** Keys and their values: not an object, as keys can be any value. */
export type RespPairs = readonly (readonly [RespValue, RespValue])[];

/**
 * A value of {@linkcode resp}. Where the `value` is `null`, it is RESP2's null.
 *
 * | on the wire | `type` | `value` |
 * | --- | --- | --- |
 * | `+`, `-` | `"string"`, `"error"` | text |
 * | `:`, `(` | `"integer"`, `"bigNumber"` | a `bigint` where a number would be rounded |
 * | `$`, `!` | `"bulk"`, `"bulkError"` | bytes |
 * | `=` | `"verbatim"` | bytes, and their `format`: `txt`, `mkd` or another |
 * | `*`, `~`, `>` | `"array"`, `"set"`, `"push"` | the elements |
 * | `%` | `"map"` | the keys and their values |
 * | `\|` | `"attributed"` | the value behind the `attributes` |
 * | `_`, `#`, `,` | `"null"`, `"boolean"`, `"double"` | `null`, a boolean, a number |
 */
export type RespValue =
  | { readonly type: "string" | "error"; readonly value: string }
  | {
    readonly type: "integer" | "bigNumber";
    readonly value: number | bigint;
  }
  | { readonly type: "bulk"; readonly value: Uint8Array | null }
  | { readonly type: "bulkError"; readonly value: Uint8Array }
  | {
    readonly type: "verbatim";
    readonly format: string;
    readonly value: Uint8Array;
  }
  | { readonly type: "array"; readonly value: readonly RespValue[] | null }
  | { readonly type: "set" | "push"; readonly value: readonly RespValue[] }
  | { readonly type: "map"; readonly value: RespPairs }
  | {
    readonly type: "attributed";
    readonly attributes: RespPairs;
    readonly value: RespValue;
  }
  | { readonly type: "null"; readonly value: null }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "double"; readonly value: number };

/** What a value begins with. */
export const MARKS = {
  string: "+",
  error: "-",
  integer: ":",
  bigNumber: "(",
  bulk: "$",
  bulkError: "!",
  verbatim: "=",
  array: "*",
  set: "~",
  push: ">",
  map: "%",
  attributed: "|",
  null: "_",
  boolean: "#",
  double: ",",
} as const;

/** The longest big number has 1,000 digits: reading one is not linear. */
export const INTEGER: RegExp = /^[+-]?[0-9]{1,1000}$/;
export const DOUBLE: RegExp = /^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
export const FORMAT: RegExp = /^[ -~]{3}$/;

/** Whether a number has at most 64 bits, as an `"integer"` must. */
export function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** The error of a value that is not of its type. */
export function invalid(type: RespValue["type"], got: string): FrameError {
  return new FrameError("MESSAGE_INVALID", {
    reason: "The value is not what its type says",
    expected: `a value of the type ${type}`,
    got: JSON.stringify(got.slice(0, 64)),
  });
}
