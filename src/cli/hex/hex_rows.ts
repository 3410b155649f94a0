import type { FrameField } from "../../format/fields_of.ts";
import type { Palette } from "../terminal/palette.ts";

/** Bytes to show, and what is known of them. */
export interface HexBytes {
  readonly bytes: Uint8Array;
  /** The offset of the first one in its stream. */
  readonly offset: number;
  /** The fields in their order, by their offsets in the stream. */
  readonly fields: readonly FrameField[];
  /** The offsets where reads began, in ascending order. */
  readonly marks: readonly number[];
}

/** All bytes in hexadecimal. */
const HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** All bytes as one column of text. */
const TEXT: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
);

/**
 * Rows of bytes: the offset, hexadecimal in the colours of the fields, with `|` in
 * front of a byte that began a read, and text. All rows have the same width.
 */
export function* hexRows(
  { bytes, offset, fields, marks }: HexBytes,
  perRow: number,
  palette: Palette,
): Generator<string, void> {
  let field = 0;
  let mark = 0;
  for (let from = 0; from < bytes.length; from += perRow) {
    const to = Math.min(from + perRow, bytes.length);
    let hex = "";
    let text = "";
    for (let at = from; at < to;) {
      const end = (fields[field]?.offset ?? Infinity) +
        (fields[field]?.length ?? 0) - offset;
      const runEnd = Math.min(to, end);
      let hexRun = "";
      let textRun = "";
      const first = at;
      for (; at < runEnd; at++) {
        const isMarked = marks[mark] === offset + at;
        if (isMarked) mark++;
        const separator = (at > from && (at - from) % 8 === 0 ? " " : "") +
          (isMarked ? "|" : " ");
        // What separates it from the run before has no colour.
        if (at === first) {
          hex += isMarked ? palette.strong(separator) : separator;
        } else hexRun += separator;
        hexRun += HEX[bytes[at]!];
        textRun += TEXT[bytes[at]!];
      }
      const name = fields[field]?.name;
      hex += name === undefined ? hexRun : palette[name](hexRun);
      text += name === undefined ? textRun : palette[name](textRun);
      if (at >= end) field++;
    }
    const missing = perRow - (to - from);
    const gaps = Math.ceil(perRow / 8) - Math.ceil((to - from) / 8);
    yield `${palette.dim(hexOffset(offset + from))} ${hex}${
      " ".repeat(missing * 3 + gaps)
    }  ${text}${" ".repeat(missing)}`;
  }
}

/** An offset in hexadecimal, of at least eight digits. */
export function hexOffset(offset: number): string {
  return offset.toString(16).padStart(8, "0");
}
