import type { HdlcOptions } from "../../codec/formats/hdlc.ts";
import type { StuffedOptions } from "../../codec/formats/stuffed.ts";
import { withChecksum } from "./checksum.ts";
import { body, head, type Options, type Splitter } from "./parts.ts";

const FCS_LENGTH = { fcs16: 2, fcs32: 4, none: 0 };

/** The escaped content and the end byte. */
export const stuffed: Splitter = (bytes, options, extent) =>
  ended(
    bytes,
    extent === "whole",
    (content) =>
      escapedStarts(content, (options as unknown as StuffedOptions).escape),
  );

/** The escaped packet and END. */
export const slip: Splitter = (bytes, options, extent) =>
  stuffed(bytes, { ...options, escape: 0xdb }, extent);

/** The escaped content, the check sequence and the flag. */
export const hdlc: Splitter = (bytes, options, extent) => {
  const { fcs = "fcs16" } = options as HdlcOptions;
  const parts = stuffed(bytes, { ...options, escape: 0x7d }, extent);
  return extent === "whole" ? withChecksum(parts, FCS_LENGTH[fcs]) : parts;
};

/** The blocks with their codes and the zero byte. */
export const cobs: Splitter = (bytes, _options, extent) =>
  ended(bytes, extent === "whole", blockStarts);

/** The byte that ends a frame, in formats that pass over several of them. */
export function endByte(kind: string, options: Options): number | undefined {
  switch (kind) {
    case "cobs":
      return 0;
    case "slip":
      return 0xc0;
    case "hdlc":
      return 0x7e;
    case "stuffed":
      return (options as unknown as StuffedOptions).end;
    default:
      return undefined;
  }
}

function ended(
  bytes: Uint8Array,
  isWhole: boolean,
  startsOf: (content: Uint8Array) => number[],
) {
  const part = body(bytes, 0, isWhole ? 1 : 0);
  const content = bytes.subarray(0, part.length);
  const tailLength = (count: number) => {
    const start = startsOf(content).at(-count);
    return content.length - (start ?? 0);
  };
  return [{ ...part, tailLength }, head("delimiter", isWhole ? 1 : 0)];
}

/** Where each byte of the content begins, an escape included. */
function escapedStarts(content: Uint8Array, escape: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at < content.length; at++) {
    starts.push(at);
    if (content[at] === escape) at++;
  }
  return starts;
}

/** The same in blocks: a zero stands for the code of the next block. */
function blockStarts(content: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < content.length;) {
    const code = content[at]!;
    // No code is 0 in a frame.
    const end = Math.min(at + code, content.length);
    for (let i = at + 1; i < end; i++) starts.push(i);
    if (code < 0xff && end < content.length) starts.push(end);
    at = end;
  }
  return starts;
}
