import { displayWidth, graphemesOf, graphemeWidth } from "./display_width.ts";

/**
 * A text of just so many columns: padded with spaces, or cut with `…` at its end. It
 * never looks at more of a long text than could be seen.
 */
export function fit(text: string, width: number): string {
  const cut = cutTo(text, width);
  return cut + " ".repeat(Math.max(0, width - displayWidth(cut)));
}

/** A text of at most so many columns: cut with `…` where it has more. */
export function cutTo(text: string, width: number): string {
  const start = startOf(text, width);
  if (isAscii.test(start)) {
    return text.length <= width
      ? text
      : width < 1
      ? ""
      : `${start.slice(0, width - 1)}…`;
  }
  let columns = 0;
  let end = 0;
  for (const grapheme of graphemesOf(start)) {
    columns += graphemeWidth(grapheme);
    if (columns > width) break;
    // The last column is that of the `…`.
    if (columns < width) end += grapheme.length;
  }
  const isAll = start.length === text.length && columns <= width;
  return isAll ? text : width < 1 ? "" : `${start.slice(0, end)}…`;
}

const isAscii = /^[\x20-\x7e]*$/;

/** How many code units a visible character has at most, emoji of families included. */
const MOST_UNITS = 16;

/** As much of a text as can be seen, so that marks without end are not drawn. */
function startOf(text: string, width: number): string {
  const most = Math.max(0, width) * MOST_UNITS;
  if (text.length <= most) return text;
  const isBetweenHalves = /[\ud800-\udbff]$/.test(text.slice(most - 1, most));
  return text.slice(0, isBetweenHalves ? most - 1 : most);
}
