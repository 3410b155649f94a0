/** Draws the bytes of frames with their fields, as SVG. */

import type { FrameField, FrameFields } from "../../src/format/mod.ts";
import {
  card,
  CELL,
  CELL_HEIGHT,
  cellOf,
  hex,
  lookOf,
  PADDING,
  words,
} from "./svg.ts";

const COLUMNS = 16;
const LINE = 20;
const LEFT = 68;
const WIDTH = LEFT + COLUMNS * CELL + PADDING;

/**
 * The picture of the frames of some bytes: each in rows of 16 bytes, in hexadecimal and
 * as text, and its fields below with their places and values.
 *
 * @param title The format, in words or as an expression.
 */
export function formatPicture(
  title: string,
  bytes: Uint8Array,
  frames: readonly FrameFields[],
): string {
  const parts: string[] = [
    words(PADDING, 28, title, "title"),
  ];
  let top = 44;
  let number = 0;
  for (const frame of frames) {
    const isFrame = frame.fields.length > 1 || frame.fields[0]?.name === "body";
    if (isFrame) number++;
    parts.push(
      words(
        PADDING,
        top + 14,
        `${isFrame ? `frame ${number}` : "between frames"}, ${
          count(frame.length)
        }`,
        "dim",
      ),
    );
    top += 22;
    top = drawBytes(bytes, frame, top, parts);
    for (const field of frame.fields) {
      parts.push(...fieldLine(field, bytes, top));
      top += LINE;
    }
    top += 14;
  }
  return card(title, WIDTH, top, parts);
}

/** Draws the rows of a frame, and returns where they end. */
function drawBytes(
  bytes: Uint8Array,
  { offset, fields }: FrameFields,
  top: number,
  parts: string[],
): number {
  let bottom = top;
  for (const field of fields) {
    for (let at = field.offset; at < field.offset + field.length; at++) {
      const index = at - offset;
      const column = index % COLUMNS;
      const x = LEFT + column * CELL;
      const y = top + Math.floor(index / COLUMNS) * (CELL_HEIGHT + 4);
      if (column === 0) {
        parts.push(
          words(PADDING, y + 17, at.toString(16).padStart(4, "0"), "dim"),
        );
      }
      const look = lookOf(field.name);
      parts.push(...cellOf(x, y, bytes[at]!, look, at === field.offset));
      bottom = y + CELL_HEIGHT + 6;
    }
  }
  return bottom;
}

/** The line of a field: its color, its place, its name, and what it says. */
function fieldLine(
  { name, offset, length, value }: FrameField,
  bytes: Uint8Array,
  top: number,
): string[] {
  const place = length === 1 ? `${offset}` : `${offset}–${offset + length - 1}`;
  const shown = value === undefined
    ? length > 8
      ? count(length)
      : [...bytes.subarray(offset, offset + length)].map(hex).join(" ")
    : value instanceof Uint8Array
    ? `unfolds to ${[...value].map(hex).join(" ")}`
    : JSON.stringify(value);
  return [
    `<rect class="${lookOf(name)}" x="${LEFT}" y="${
      top + 3
    }" width="14" height="14" rx="3"/>`,
    words(LEFT + 24, top + 15, place, "dim"),
    words(LEFT + 88, top + 15, name),
    words(LEFT + 184, top + 15, shown),
  ];
}

function count(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}
