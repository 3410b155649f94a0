/** How rows of bytes are laid out in a terminal. */
export interface HexLayout {
  /** How many bytes a row has. */
  readonly perRow: number;
  /** How many columns a full row has. */
  readonly rowWidth: number;
  /** How many columns are left for notes at the right of the rows; 0 if too few. */
  readonly besideWidth: number;
  /** How many columns notes under the rows have, behind the offset. */
  readonly underWidth: number;
}

/** The offset, and two spaces. */
export const OFFSET_WIDTH = 10;

/** Notes at the right need so many columns. */
const LEAST_BESIDE = 40;
/** Two spaces between the rows and the notes. */
const GAP = 2;

/** The layout for a number of columns. */
export function hexLayout(columns: number): HexLayout {
  const perRow = columns >= widthOf(32) + GAP + LEAST_BESIDE
    ? 32
    : columns >= widthOf(16)
    ? 16
    : 8;
  const rowWidth = widthOf(perRow);
  const left = columns - rowWidth - GAP;
  return {
    perRow,
    rowWidth,
    besideWidth: left >= LEAST_BESIDE ? left : 0,
    underWidth: Math.max(columns - OFFSET_WIDTH, LEAST_BESIDE),
  };
}

function widthOf(perRow: number): number {
  // Two digits and a separator for each byte, a gap behind each eight, and the text.
  return OFFSET_WIDTH + perRow * 3 + perRow / 8 + perRow;
}
