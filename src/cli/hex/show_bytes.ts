import type { Palette } from "../terminal/palette.ts";
import type { FieldNote } from "./field_notes.ts";
import { type HexLayout, OFFSET_WIDTH } from "./hex_layout.ts";
import { type HexBytes, hexRows } from "./hex_rows.ts";
import { noteLines } from "./note_lines.ts";

/** Rows of bytes with notes at their right, or under them where there is no room. */
export function* showBytes(
  bytes: HexBytes,
  notes: readonly FieldNote[],
  layout: HexLayout,
  palette: Palette,
): Generator<string, void> {
  const { perRow, rowWidth, besideWidth, underWidth } = layout;
  const lines = noteLines(notes, besideWidth || underWidth, palette);
  let line = 0;
  for (const row of hexRows(bytes, perRow, palette)) {
    const beside = besideWidth > 0 ? lines[line++] : undefined;
    yield beside === undefined ? row.trimEnd() : `${row}  ${beside.text}`;
  }
  const indent = " ".repeat(besideWidth > 0 ? rowWidth + 2 : OFFSET_WIDTH);
  for (const { text } of lines.slice(line)) yield indent + text;
}
