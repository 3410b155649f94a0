import type { CodecDescription } from "../../codec/types.ts";
import type { Checksum } from "../../codec/types.ts";
import { withChecksum } from "./checksum.ts";
import { contentLength } from "./header_lines.ts";
import { delimited, lines, marked } from "./marks.ts";
import { body, type Extent, type Part, type Splitter } from "./parts.ts";
import {
  commandFrame,
  headerPrefixed,
  jsonHeader,
  lengthPrefixed,
  netstring,
  varint,
} from "./prefixed.ts";
import { cobs, hdlc, slip, stuffed } from "./stuffing.ts";

const splitters: ReadonlyMap<string, Splitter> = new Map([
  ["cobs", cobs],
  ["commandFrame", commandFrame],
  ["contentLength", contentLength],
  ["delimited", delimited],
  ["hdlc", hdlc],
  ["headerPrefixed", headerPrefixed],
  ["jsonHeader", jsonHeader],
  ["lengthPrefixed", lengthPrefixed],
  ["lines", lines],
  ["marked", marked],
  ["netstring", netstring],
  ["slip", slip],
  ["stuffed", stuffed],
  ["varintPrefixed", varint],
]);

/** Splits the bytes of one frame into its parts, which cover a whole frame exactly. */
export function partsOf(
  description: CodecDescription,
  bytes: Uint8Array,
  extent: Extent,
): Part[] {
  const parts = split(description, bytes, extent);
  const from = parts.findIndex(({ name }) => name === "body");
  return clip(extent === "wrong" ? parts.slice(0, from) : parts, bytes.length);
}

function split(
  { kind, options, over }: CodecDescription,
  bytes: Uint8Array,
  extent: Extent,
): Part[] {
  if (over === undefined) {
    // A fixed length, or a format that is not known here: all is content.
    const splitter = splitters.get(kind) ?? ((bytes) => [body(bytes, 0)]);
    return splitter(bytes, options, extent);
  }
  const parts = split(over, bytes, extent);
  switch (kind) {
    case "checksum":
      return extent === "whole"
        ? withChecksum(parts, checksumLength(options.kind))
        : parts;
    case "compressed":
      // What a checksum over it covers cannot be seen.
      return parts.map((part) => ({ ...part, isContent: false }));
    default:
      return parts;
  }
}

function checksumLength(kind: unknown): number {
  return typeof kind === "string" ? 4 : (kind as Checksum).length;
}

/** Leaves out what lies behind the bytes, and parts of no bytes. */
function clip(parts: readonly Part[], length: number): Part[] {
  let left = length;
  return parts
    .map((part) => {
      const fitting = Math.min(part.length, left);
      left -= fitting;
      return { ...part, length: fitting };
    })
    .filter((part) => part.length > 0);
}
