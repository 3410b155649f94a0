import { hexByte } from "../../codec/bytes/hex.ts";
import type { CodecDescription } from "../../codec/types.ts";
import type { FieldName } from "../../format/fields_of.ts";
import { printBytes, writeBytes } from "../../format/literals.ts";
import { bytes, type Cell } from "./cell.ts";
import { lengthCells, plus } from "./length_cells.ts";
import { presetNotes } from "./preset_notes.ts";

type Options = Readonly<Record<string, unknown>>;

/** The fields of a frame in their order; none where they are not known. */
export function layoutOf({ kind, options, over }: CodecDescription): Cell[] {
  if (kind.startsWith("preset:")) {
    return wireOf(presetNotes[kind.slice("preset:".length)]?.wire ?? "");
  }
  const cells = over === undefined ? [] : layoutOf(over);
  switch (kind) {
    case "json":
      return withBody(cells, "JSON in UTF-8");
    case "text":
      return withBody(cells, `text in ${options.encoding ?? "utf-8"}`);
    case "checksum":
      return withChecksum(cells, options.kind);
    default:
      return formats[kind]?.(options) ?? [];
  }
}

/** Reads `name: text | name: text`. */
function wireOf(wire: string): Cell[] {
  return wire.split(" | ").filter((cell) => cell !== "").map((cell) => {
    const [name = "", ...text] = cell.split(": ");
    return [name as FieldName, text.join(": ")];
  });
}

const allBody: Cell = ["body", "length bytes"];

/** The fields of the formats by their kinds. */
const formats: Readonly<Record<string, (options: Options) => Cell[]>> = {
  lengthPrefixed: lengthCells,
  fixedLength: ({ frameLength }) => [["body", bytes(frameLength)]],
  delimited: ({ delimiter, keepDelimiter }) => [
    ["body", "any bytes but the delimiter"],
    ["delimiter", marks(delimiter) + (keepDelimiter === true ? ", kept" : "")],
  ],
  lines: () => [
    ["body", "text in UTF-8"],
    ["delimiter", '"\\n" or "\\r\\n"'],
  ],
  netstring: () => [
    ["length", "decimal digits"],
    ["delimiter", '":"'],
    allBody,
    ["terminator", '","'],
  ],
  varintPrefixed: ({ encoding = "leb128", maxLengthBytes = 10 }) => [
    ["length", `1 to ${maxLengthBytes} bytes, ${encoding}`],
    allBody,
  ],
  contentLength: () => [
    ["header", "lines"],
    ["length", "Content-Length: digits"],
    ["delimiter", "an empty line"],
    allBody,
  ],
  cobs: () => [["body", "blocks without 0x00"], ["delimiter", "0x00"]],
  slip: () => stuffed(0xc0, 0xdb),
  stuffed: ({ end, escape }) => stuffed(end, escape),
  hdlc: ({ fcs = "fcs16" }) => {
    const [content = allBody, flag = allBody] = stuffed(0x7e, 0x7d);
    const length = fcs === "fcs16" ? 2 : 4;
    const checksum: Cell = ["checksum", `${length} bytes, escaped`];
    return [
      ["start", flag[1]],
      content,
      ...fcs === "none" ? [] : [checksum],
      flag,
    ];
  },
  marked: ({ start, end, trailerLength = 0 }) => [
    ["start", marks(start)],
    ["body", "any bytes but the end"],
    ["end", marks(end)],
    ...trailerLength === 0 ? [] : [["trailer", bytes(trailerLength)] as const],
  ],
  commandFrame: ({ endian = "big" }) => [
    ["length", `4 bytes, ${endian}-endian`],
    ["command", "4 bytes"],
    ["reply", "4 bytes, 0 or 1"],
    allBody,
  ],
  jsonHeader: ({ endian = "big", lengthKey = "length" }) => [
    ["length", `4 bytes, ${endian}-endian`],
    ["header", "length bytes, JSON"],
    ["body", `as many bytes as ${JSON.stringify(lengthKey)} says`],
  ],
};

function stuffed(end: unknown, escape: unknown): Cell[] {
  return [
    ["body", `escaped with ${hexByte(Number(escape))}`],
    ["delimiter", hexByte(Number(end))],
  ];
}

/** The body of a view: what it is, behind its length where that is known. */
function withBody(cells: readonly Cell[], what: string): Cell[] {
  return cells.map(([name, text]) => {
    const length = name === "body" && /^[^,]* bytes?$/.test(text);
    return [name, length ? `${text}, ${what}` : name === "body" ? what : text];
  });
}

/** A checksum stands at the end of the content, or in the trailer. */
function withChecksum(cells: readonly Cell[], kind: unknown): Cell[] {
  const length = typeof kind === "string"
    ? 4
    : (kind as { length: number }).length;
  const checksum: Cell = ["checksum", bytes(length)];
  const hasTrailer = cells.some(([name]) => name === "trailer");
  return cells.flatMap((cell) =>
    cell[0] === "trailer"
      ? [checksum]
      : cell[0] === "body" && !hasTrailer
      ? [["body", without(cell[1], length)] as const, checksum]
      : [cell]
  );
}

/** The length of a body whose last bytes are something else. */
function without(text: string, count: number): string {
  const [, fixed] = /^(\d+) bytes?$/.exec(text) ?? [];
  if (fixed !== undefined) return bytes(Number(fixed) - count);
  return text.replace(
    /^(length(?: × \d+)?)(?: ([+-]) (\d+))? bytes/,
    (_, length: string, sign?: string, more = "0") =>
      `${length}${plus(Number(`${sign ?? ""}${more}`) - count)} bytes`,
  );
}

/** A mark, or several of them, as an expression has them. */
function marks(value: unknown): string {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => printBytes(writeBytes(one) ?? "")).join(" or ");
}
