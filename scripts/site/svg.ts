/** The pieces of pictures of bytes. */

import type { FieldName } from "../../src/format/mod.ts";

/** The width of a byte. */
export const CELL = 32;
/** The height of a byte. */
export const CELL_HEIGHT = 40;
/** What is around a picture. */
export const PADDING = 16;

/** Text on each of the colors has a contrast of more than 4.5. */
const STYLE = [
  ":root{color-scheme:light dark}",
  "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#1f2328}",
  ".card{fill:#fff;stroke:#d1d9e0}",
  ".dim{fill:#59636e}",
  ".title{font-weight:700}",
  ".head{fill:#b6d8ff}",
  ".body{fill:#c6efce}",
  ".check{fill:#e3d1ff}",
  ".mark{fill:#ffdca8}",
  ".skipped{fill:#ffcdc7}",
  "@media(prefers-color-scheme:dark){",
  "text{fill:#e6edf3}.card{fill:#0d1117;stroke:#3d444d}.dim{fill:#9198a1}",
  ".head{fill:#153a66}.body{fill:#14472a}.check{fill:#45307a}.mark{fill:#5c4106}.skipped{fill:#6e2420}",
  "}",
].join("");

/** What color a field has. */
export function lookOf(name: FieldName): string {
  switch (name) {
    case "body":
    case "skipped":
      return name;
    case "checksum":
    case "trailer":
      return "check";
    case "length":
    case "header":
    case "command":
    case "reply":
      return "head";
    default:
      return "mark";
  }
}

/** A picture on a card of its own, which has the colors of the system. */
export function card(
  title: string,
  width: number,
  height: number,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x=".5" y=".5" width="${width - 1}" height="${
      height - 1
    }" rx="8"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** A byte in hexadecimal, and as text below. */
export function cellOf(
  x: number,
  y: number,
  byte: number,
  look: string,
  isFirst: boolean,
): string[] {
  const gap = isFirst ? 1 : 0;
  return [
    `<rect class="${look}" x="${x + gap}" y="${y}" width="${
      CELL - gap
    }" height="${CELL_HEIGHT}"/>`,
    centred(x, y + 17, hex(byte)),
    centred(x, y + 33, character(byte)),
  ];
}

/** A line of text. */
export function words(
  x: number,
  y: number,
  text: string,
  look?: string,
): string {
  const names = look === undefined ? "" : ` class="${look}"`;
  return `<text x="${x}" y="${y}"${names}>${escaped(text)}</text>`;
}

/** A byte in hexadecimal. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function centred(x: number, y: number, text: string): string {
  return `<text x="${x + CELL / 2}" y="${y}" text-anchor="middle">${
    escaped(text)
  }</text>`;
}

/** What a byte is as text; a point for those that are no characters of ASCII. */
function character(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? String.fromCharCode(byte)
    : new Map([[10, "\\n"], [13, "\\r"]]).get(byte) ?? "·";
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
