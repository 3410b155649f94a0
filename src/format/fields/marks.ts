import { delimiterSet } from "../../codec/bytes/delimiter_finder.ts";
import type { DelimitedOptions } from "../../codec/formats/delimited.ts";
import type { MarkedOptions } from "../../codec/formats/marked.ts";
import { body, endOf, head, type Splitter } from "./parts.ts";

/** The body and its delimiter. */
export const delimited: Splitter = (bytes, options) => {
  const { delimiter, keepDelimiter } = options as unknown as DelimitedOptions;
  const ends = delimiterSet(delimiter).groups
    .flatMap(({ delimiters }) => delimiters)
    .filter((one) => isEnd(bytes, one))
    .map(({ length }) => length);
  // The longest begins first. A last frame may have none.
  const length = Math.max(0, ...ends);
  return [
    body(bytes, 0, length),
    { name: "delimiter", length, isContent: keepDelimiter === true },
  ];
};

/** The line and its end. */
export const lines: Splitter = (bytes, options, extent) =>
  delimited(bytes, { ...options, delimiter: ["\n", "\r\n"] }, extent);

/** The start mark, the content, the end mark and the trailer. */
export const marked: Splitter = (bytes, options, extent) => {
  const { start, end, trailerLength = 0 } = options as unknown as MarkedOptions;
  const { first } = delimiterSet(start, "start");
  const different = first.findIndex((byte, i) => byte !== bytes[i]);
  const startLength = different < 0 ? first.length : different;
  const endLength = delimiterSet(end, "end").first.length;
  const rest = bytes.subarray(startLength);
  // Of a frame that is cut off, the trailer may be what is missing.
  const contentEnd = extent === "whole"
    ? rest.length - trailerLength
    : endOf(end, rest) ?? rest.length + endLength;
  const behind = rest.length - (contentEnd - endLength);
  return [
    head("start", startLength),
    body(bytes, startLength, behind),
    head("end", endLength),
    { name: "trailer", length: trailerLength, isContent: true },
  ];
};

function isEnd(bytes: Uint8Array, delimiter: Uint8Array): boolean {
  const at = bytes.length - delimiter.length;
  return at >= 0 && delimiter.every((byte, i) => bytes[at + i] === byte);
}
