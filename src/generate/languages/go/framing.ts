import { contentLengthCode } from "./content_length.ts";
import { delimitedCode } from "./delimited.ts";
import { lengthCode } from "./length.ts";
import { markedCode } from "./marked.ts";
import type { Frames, FramingCode } from "./parts.ts";
import { fixedCode, netstringCode } from "./prefixed.ts";
import { cobsCode, stuffedCode } from "./stuffed.ts";
import { varintCode } from "./varint.ts";

/** The code of the framing of a plan. */
export function framingCode(frames: Frames): FramingCode {
  const { framing } = frames.plan;
  switch (framing.kind) {
    case "length":
      return lengthCode(framing, frames);
    case "fixed":
      return fixedCode(framing, frames);
    case "varint":
      return varintCode(framing, frames);
    case "netstring":
      return netstringCode(framing, frames);
    case "content-length":
      return contentLengthCode(framing, frames);
    case "delimited":
      return delimitedCode(framing, frames);
    case "marked":
      return markedCode(framing, frames);
    case "cobs":
      return cobsCode(framing, frames);
    case "stuffed":
      return stuffedCode(framing, frames);
  }
}
