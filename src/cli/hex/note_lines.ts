import { displayWidth } from "../terminal/display_width.ts";
import { cutTo } from "../terminal/fit.ts";
import type { Palette } from "../terminal/palette.ts";
import type { FieldNote } from "./field_notes.ts";

/** A line of notes, and how many columns it has without the codes of its colours. */
export interface NoteLine {
  readonly text: string;
  readonly width: number;
}

/** Two spaces between notes on a line. */
const GAP = "  ";

/**
 * Fields with what they say, as many as fit on each line. One that does not fit on a
 * line of its own is cut.
 */
export function noteLines(
  notes: readonly FieldNote[],
  width: number,
  palette: Palette,
): NoteLine[] {
  const lines: { text: string; width: number }[] = [];
  for (const { role, name = role, text } of notes) {
    const cut = cutTo(text, Math.max(1, width - name.length - 1));
    const note = `${palette[role](name)} ${cut}`;
    const noteWidth = name.length + 1 + displayWidth(cut);
    const line = lines.at(-1);
    if (line !== undefined && line.width + GAP.length + noteWidth <= width) {
      line.text += GAP + note;
      line.width += GAP.length + noteWidth;
    } else lines.push({ text: note, width: noteWidth });
  }
  return lines;
}
