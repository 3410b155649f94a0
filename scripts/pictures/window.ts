/** Draws a terminal as SVG. */

import type { Run } from "./styled_lines.ts";

const FONT_SIZE = 14;
/** Most fonts of this kind have characters of 0.6 em; `textLength` makes all so. */
const CELL = 8.43;
const LINE = 17;
const PADDING = 16;
/** The bar at the top, with the three buttons. */
const BAR = 30;

/** Each has a contrast of more than 4.5 to the background. */
const STYLE = [
  "text{fill:#e6edf3;white-space:pre;font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace}",
  ".bold{font-weight:700}",
  ".dim{fill:#9198a1}",
  ".c31{fill:#ff7b72}",
  ".c32{fill:#7ee787}",
  ".c33{fill:#e3b341}",
  ".c35{fill:#d2a8ff}",
  ".c36{fill:#56d4dd}",
  ".c94{fill:#79c0ff}",
].join("");

/** The picture of a terminal with these lines. */
export function windowOf(
  title: string,
  lines: readonly (readonly Run[])[],
  columns: number,
): string {
  const width = Math.ceil(columns * CELL + 2 * PADDING);
  const height = BAR + lines.length * LINE + PADDING;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${
      height - 1
    }" rx="8" fill="#0d1117" stroke="#484f58"/>`,
    ...["#ff5f57", "#febc2e", "#28c840"].map((color, index) =>
      `<circle cx="${PADDING + 5 + 18 * index}" cy="16" r="5" fill="${color}"/>`
    ),
    ...lines.flatMap((runs, index) => {
      const y = BAR + index * LINE + FONT_SIZE;
      return runs.length === 0
        ? []
        : [`<text y="${y}">${runs.map(spanOf).join("")}</text>`];
    }),
    "</svg>",
    "",
  ].join("\n");
}

function spanOf({ text, column, width, look }: Run): string {
  const x = rounded(PADDING + column * CELL);
  const names = look === "" ? "" : ` class="${look}"`;
  return `<tspan x="${x}" textLength="${
    rounded(width * CELL)
  }" lengthAdjust="spacingAndGlyphs"${names}>${escaped(text)}</tspan>`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
