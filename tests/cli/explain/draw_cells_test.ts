import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import type { Cell } from "../../../src/cli/explain/cell.ts";
import { drawCells } from "../../../src/cli/explain/draw_cells.ts";
import { displayWidth } from "../../../src/cli/terminal/display_width.ts";
import { paint } from "../../../src/cli/terminal/palette.ts";

test("drawCells() draws a box for each field, also of wide characters", () => {
  const cells: Cell[] = [["start", '"<中>"'], ["body", "text"], ["end", ">"]];
  assertEquals(drawCells(cells, 80, paint(false)), [
    "┌────────┬──────┬─────┐",
    "│ start  │ body │ end │",
    '│ "<中>" │ text │ >   │',
    "└────────┴──────┴─────┘",
  ]);
});

test("drawCells() goes on in another row where a row is full", () => {
  const cells: Cell[] = [["start", "1e"], ["body", "a long text"], [
    "end",
    "0a",
  ]];
  assertEquals(drawCells(cells, 14, paint(false)), [
    "┌───────┐",
    "│ start │",
    "│ 1e    │",
    "└───────┘",
    "┌────────────┐",
    "│ body       │",
    "│ a long te… │",
    "└────────────┘",
    "┌─────┐",
    "│ end │",
    "│ 0a  │",
    "└─────┘",
  ]);
  assertEquals(drawCells(cells, 15, paint(false))[5], "│ body        │");
});

test("drawCells() never draws beyond the width", () => {
  const cell = fc.tuple(
    fc.constantFrom("body", "delimiter"),
    fc.string({ unit: "grapheme", maxLength: 20 }),
  ) as fc.Arbitrary<Cell>;
  const width = fc.integer({ min: 5, max: 60 });
  fc.assert(fc.property(fc.array(cell), width, (cells, width) => {
    const lines = drawCells(cells, width, paint(false));
    for (const line of lines) {
      assertEquals(displayWidth(line) <= width, true, line);
    }
    assertEquals(lines.length % 4, 0);
    for (let row = 0; row < lines.length; row += 4) {
      const widths = lines.slice(row, row + 4).map(displayWidth);
      assertEquals(new Set(widths).size, 1);
    }
  }));
});
