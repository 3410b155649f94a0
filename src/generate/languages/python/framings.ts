import type { Plan } from "../../plan.ts";
import { contentLengthCode } from "./content_length.ts";
import { netstringCode, varintCode } from "./counted.ts";
import { delimitedCode } from "./delimited.ts";
import { fixedCode } from "./fixed.ts";
import type { FramingCode, Surroundings } from "./framing_code.ts";
import { lengthCode } from "./length.ts";
import { markedCode } from "./marked.ts";
import { cobsCode, stuffedCode } from "./stuffed.ts";

/** The code of the framing of a plan. */
export function framingCode(
  { framing, limit, checksums }: Plan,
  surroundings: Surroundings,
): FramingCode {
  switch (framing.kind) {
    case "length":
      return lengthCode(framing, limit, checksums[0], surroundings);
    case "fixed":
      return fixedCode(framing, surroundings);
    case "varint":
      return varintCode(framing, limit, surroundings);
    case "netstring":
      return netstringCode(framing, limit, surroundings);
    case "content-length":
      return contentLengthCode(framing, limit, surroundings);
    case "delimited":
      return delimitedCode(framing, limit, surroundings);
    case "marked":
      return markedCode(framing, limit, surroundings);
    case "cobs":
      return cobsCode(framing, limit, surroundings);
    case "stuffed":
      return stuffedCode(framing, limit, surroundings);
  }
}
