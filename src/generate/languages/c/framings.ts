import { cobsCode } from "./cobs.ts";
import { contentLengthCode } from "./content_length.ts";
import { delimitedCode } from "./delimited.ts";
import { fixedCode } from "./fixed.ts";
import type { FramingCode } from "./framing_code.ts";
import { lengthCode } from "./length.ts";
import { markedCode } from "./marked.ts";
import { netstringCode } from "./netstring.ts";
import { stuffedCode } from "./stuffed.ts";
import type { Target } from "./target.ts";
import { varintCode } from "./varint.ts";

/** The code of the framing of a target. */
export function framingCode(target: Target): FramingCode {
  const { framing } = target.plan;
  switch (framing.kind) {
    case "length":
      return lengthCode(target, framing);
    case "fixed":
      return fixedCode(target);
    case "varint":
      return varintCode(target, framing);
    case "netstring":
      return netstringCode(target, framing);
    case "content-length":
      return contentLengthCode(target, framing);
    case "delimited":
      return delimitedCode(target, framing);
    case "marked":
      return markedCode(target, framing);
    case "cobs":
      return cobsCode(target, framing);
    case "stuffed":
      return stuffedCode(target, framing);
  }
}
