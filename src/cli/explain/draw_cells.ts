import { displayWidth } from "../terminal/display_width.ts";
import { fit } from "../terminal/fit.ts";
import type { Palette } from "../terminal/palette.ts";
import type { Cell } from "./cell.ts";

/**
 * A drawing of a frame: a box for each field, its name above what it has. Fields that
 * do not fit into the width go into another row.
 */
export function drawCells(
  cells: readonly Cell[],
  width: number,
  palette: Palette,
): string[] {
  return rowsOf(cells, width).flatMap((row) => {
    const widths = row.map((cell) => cellWidth(cell, width));
    const rule = (left: string, middle: string, right: string) =>
      palette.dim(
        left + widths.map((w) => "─".repeat(w + 2)).join(middle) + right,
      );
    const line = (texts: string[]) =>
      palette.dim("│") +
      texts.map((text) => ` ${text} ${palette.dim("│")}`).join("");
    return [
      rule("┌", "┬", "┐"),
      line(row.map(([name], i) => palette[name](fit(name, widths[i]!)))),
      line(row.map(([, text], i) => fit(text, widths[i]!))),
      rule("└", "┴", "┘"),
    ];
  });
}

function rowsOf(cells: readonly Cell[], width: number): Cell[][] {
  const rows: Cell[][] = [];
  let left = 0;
  for (const cell of cells) {
    // A side and two spaces for each, and a side at the end.
    const needed = cellWidth(cell, width) + 3;
    if (needed > left) {
      rows.push([]);
      left = width - 1;
    }
    rows.at(-1)?.push(cell);
    left -= needed;
  }
  return rows;
}

/** The width of what is in a box, which may be all of the terminal. */
function cellWidth([name, text]: Cell, width: number): number {
  const wanted = Math.max(displayWidth(name), displayWidth(text));
  return Math.min(wanted, Math.max(1, width - 4));
}
