import type { Plan } from "../../plan.ts";
import { cobsPart } from "./cobs.ts";
import { contentLengthPart } from "./content_length.ts";
import { delimitedPart } from "./delimited.ts";
import { fixedPart } from "./fixed.ts";
import { lengthPart } from "./length.ts";
import { markedPart } from "./marked.ts";
import { netstringPart } from "./netstring.ts";
import type { FramingPart, Scope } from "./part.ts";
import { stuffedPart } from "./stuffed.ts";
import { varintPart } from "./varint.ts";

/** What the framing of a plan adds to the code. */
export function framingPart(plan: Plan, scope: Scope): FramingPart {
  const { framing } = plan;
  switch (framing.kind) {
    case "length":
      return lengthPart(plan, framing, scope);
    case "fixed":
      return fixedPart(framing, scope);
    case "varint":
      return varintPart(plan, framing, scope);
    case "netstring":
      return netstringPart(plan, framing, scope);
    case "content-length":
      return contentLengthPart(plan, framing, scope);
    case "delimited":
      return delimitedPart(plan, framing, scope);
    case "marked":
      return markedPart(plan, framing, scope);
    case "cobs":
      return cobsPart(plan, framing);
    case "stuffed":
      return stuffedPart(plan, framing);
  }
}
