import type { LengthPrefixedOptions } from "../../codec/formats/length_prefixed.ts";
import { bytes, type Cell } from "./cell.ts";

/** The fields of frames behind a length. */
export function lengthCells(options: LengthPrefixedOptions): Cell[] {
  const {
    lengthBytes = 4,
    lengthOffset = 0,
    lengthIncludes = "body",
    lengthUnit = 1,
    lengthAdjustment = 0,
    stripBytes = 0,
  } = options;
  const headerLength = lengthOffset + lengthBytes;
  // What is stripped behind the length is no part of the body.
  const behind = Math.max(0, stripBytes - headerLength);
  const isWhole = lengthIncludes === "frame";
  const more = lengthAdjustment - behind - (isWhole ? headerLength : 0);
  const cells: Cell[] = [
    ["header", bytes(lengthOffset)],
    ["length", fieldOf(options)],
    ["header", bytes(behind)],
    ["body", `length${times(lengthUnit)}${plus(more)} bytes`],
  ];
  return cells.filter(([, text]) => text !== bytes(0));
}

function fieldOf(options: LengthPrefixedOptions): string {
  const { lengthBytes = 4, endian = "big" } = options;
  switch (options.lengthEncoding) {
    case "decimal":
      return `${lengthBytes} decimal digits`;
    case "hex":
      return `${lengthBytes} hexadecimal digits`;
    case "bcd":
      return `${bytes(lengthBytes)} of decimal digits`;
    default:
      return lengthBytes === 1
        ? "1 byte"
        : `${lengthBytes} bytes, ${endian}-endian`;
  }
}

function times(unit: number): string {
  return unit === 1 ? "" : ` × ${unit}`;
}

/** A number that is added to another one, if it is not 0. */
export function plus(more: number): string {
  return more === 0 ? "" : more > 0 ? ` + ${more}` : ` - ${-more}`;
}
