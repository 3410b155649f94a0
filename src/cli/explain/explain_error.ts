import type { FormatError } from "../../format/format_error.ts";
import { displayWidth } from "../terminal/display_width.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import type { Palette } from "../terminal/palette.ts";

/** What is wrong with an expression, with a caret under the place. */
export function* explainError(
  expression: string,
  { column, expected, got, message, suggestion }: FormatError,
  columns: number,
  palette: Palette,
): Generator<string, void> {
  const end = message.indexOf(`: expected ${expected}`);
  const reason = end < 0 ? message : message.slice(0, end);
  if (column !== undefined) {
    const before = escapeControls(expression.slice(0, column - 1));
    const all = before + escapeControls(expression.slice(column - 1));
    // A long expression is shown from not far before the place.
    const skipped = Math.max(0, before.length - Math.floor(columns / 2));
    const start = skipped === 0 ? "" : "…";
    const shown = start + all.slice(skipped, skipped + columns - 4);
    const width = displayWidth(start + before.slice(skipped));
    yield `  ${shown}`;
    yield `  ${" ".repeat(width)}${palette.error("^")}`;
  }
  yield palette.error(`${reason}: `) +
    escapeControls(`expected ${expected}, got ${got}`);
  if (suggestion !== undefined) {
    yield `Did you mean ${palette.good(escapeControls(suggestion))}?`;
  }
}
