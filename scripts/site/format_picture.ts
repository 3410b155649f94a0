/** Draws the bytes of frames with their fields, as SVG. */

import type { FrameField, FrameFields } from "../../src/format/mod.ts";

const COLUMNS = 16;
const CELL = 32;
const CELL_HEIGHT = 40;
const LINE = 20;
const LEFT = 68;
const PADDING = 16;
const WIDTH = LEFT + COLUMNS * CELL + PADDING;

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
function lookOf(name: FrameField["name"]): string {
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

/**
 * The picture of the frames of some bytes: each in rows of 16 bytes, in hexadecimal and
 * as text, and its fields below with their places and values.
 *
 * @param title The format, in words or as an expression.
 */
export function formatPicture(
  title: string,
  bytes: Uint8Array,
  frames: readonly FrameFields[],
): string {
  const parts: string[] = [
    text(PADDING, 28, title, "title"),
  ];
  let top = 44;
  let number = 0;
  for (const frame of frames) {
    const isFrame = frame.fields.length > 1 || frame.fields[0]?.name === "body";
    if (isFrame) number++;
    parts.push(
      text(
        PADDING,
        top + 14,
        `${isFrame ? `frame ${number}` : "between frames"}, ${
          count(frame.length)
        }`,
        "dim",
      ),
    );
    top += 22;
    top = drawBytes(bytes, frame, top, parts);
    for (const field of frame.fields) {
      parts.push(...fieldLine(field, bytes, top));
      top += LINE;
    }
    top += 14;
  }
  const height = top;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" xml:space="preserve">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x=".5" y=".5" width="${WIDTH - 1}" height="${
      height - 1
    }" rx="8"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** Draws the rows of a frame, and returns where they end. */
function drawBytes(
  bytes: Uint8Array,
  { offset, fields }: FrameFields,
  top: number,
  parts: string[],
): number {
  let bottom = top;
  for (const field of fields) {
    for (let at = field.offset; at < field.offset + field.length; at++) {
      const index = at - offset;
      const column = index % COLUMNS;
      const x = LEFT + column * CELL;
      const y = top + Math.floor(index / COLUMNS) * (CELL_HEIGHT + 4);
      if (column === 0) {
        parts.push(
          text(PADDING, y + 17, at.toString(16).padStart(4, "0"), "dim"),
        );
      }
      const isFirst = at === field.offset;
      parts.push(
        `<rect class="${lookOf(field.name)}" x="${
          x + (isFirst ? 1 : 0)
        }" y="${y}" width="${
          CELL - (isFirst ? 1 : 0)
        }" height="${CELL_HEIGHT}"/>`,
        centred(x, y + 17, hex(bytes[at]!)),
        centred(x, y + 33, character(bytes[at]!), "dim"),
      );
      bottom = y + CELL_HEIGHT + 6;
    }
  }
  return bottom;
}

/** The line of a field: its color, its place, its name, and what it says. */
function fieldLine(
  { name, offset, length, value }: FrameField,
  bytes: Uint8Array,
  top: number,
): string[] {
  const place = length === 1 ? `${offset}` : `${offset}–${offset + length - 1}`;
  const shown = value === undefined
    ? length > 8
      ? count(length)
      : [...bytes.subarray(offset, offset + length)].map(hex).join(" ")
    : value instanceof Uint8Array
    ? `unfolds to ${[...value].map(hex).join(" ")}`
    : JSON.stringify(value);
  return [
    `<rect class="${lookOf(name)}" x="${LEFT}" y="${
      top + 3
    }" width="14" height="14" rx="3"/>`,
    text(LEFT + 24, top + 15, place, "dim"),
    text(LEFT + 88, top + 15, name),
    text(LEFT + 184, top + 15, shown),
  ];
}

function text(x: number, y: number, words: string, look?: string): string {
  const names = look === undefined ? "" : ` class="${look}"`;
  return `<text x="${x}" y="${y}"${names}>${escaped(words)}</text>`;
}

function centred(x: number, y: number, words: string, look?: string): string {
  const names = look === undefined ? "" : ` class="${look}"`;
  return `<text x="${x + CELL / 2}" y="${y}" text-anchor="middle"${names}>${
    escaped(words)
  }</text>`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** What a byte is as text; a point for those that are no characters of ASCII. */
function character(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? String.fromCharCode(byte)
    : new Map([[10, "\\n"], [13, "\\r"]]).get(byte) ?? "·";
}

function count(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
