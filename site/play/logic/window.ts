/** Browsers draw no element that is much higher. */
export const MOST_PIXELS = 8_000_000;

/** What of a list is drawn. */
export interface Window {
  /** The first row, and the row behind the last one. */
  readonly from: number;
  readonly to: number;
  /** The height of the whole list, in pixels. */
  readonly height: number;
  /** Where the first row stands. */
  readonly top: number;
}

/**
 * The rows of a list that are to be drawn. A list that is too high for a browser is
 * drawn less high: its scroll bar passes over several rows at a time then.
 */
export function windowOf(
  count: number,
  rowHeight: number,
  viewHeight: number,
  scrollTop: number,
): Window {
  const whole = count * rowHeight;
  const height = Math.min(whole, MOST_PIXELS);
  const position = scrollTop * scale(whole, height, viewHeight);
  const from = Math.max(0, Math.floor(position / rowHeight) - 4);
  const shown = Math.ceil(viewHeight / rowHeight) + 9;
  const to = Math.min(count, from + shown);
  const top = scrollTop - (position - from * rowHeight);
  return { from, to, height, top: Math.max(0, Math.round(top)) };
}

/** The place to scroll to, so that a row is in view: the same one where it is. */
export function scrollTo(
  row: number,
  count: number,
  rowHeight: number,
  viewHeight: number,
  scrollTop: number,
): number {
  const whole = count * rowHeight;
  const ratio = scale(whole, Math.min(whole, MOST_PIXELS), viewHeight);
  const position = scrollTop * ratio;
  const first = row * rowHeight;
  if (first < position) return first / ratio;
  const last = first + rowHeight - viewHeight;
  return last > position ? last / ratio : scrollTop;
}

/** How many pixels of the list one of the scroll bar is. */
function scale(whole: number, height: number, viewHeight: number): number {
  return height < whole ? (whole - viewHeight) / (height - viewHeight) : 1;
}
