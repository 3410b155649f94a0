import type { Codec } from "../codec/types.ts";
import { stageKinds } from "../format/stages.ts";

/** What the frames of a codec are: bytes, text, or any other value. */
export type FrameKind = "bytes" | "text" | "value";

/** Tells what the frames of a codec are, as far as its description says it. */
export function frameKindOf(
  { description }: Pick<Codec<unknown>, "description">,
): FrameKind {
  for (let part = description; part !== undefined; part = part.over) {
    const { kind, options, over } = part;
    if (kind === "text" || kind === "lines") return "text";
    // What a preset is made of tells more than the preset.
    if (over !== undefined && kind.startsWith("preset:")) continue;
    const stage = stageKinds.find((stage) => stage.kind === kind);
    if (stage !== undefined) {
      return stage.givesBytes(options as never) ? "bytes" : "value";
    }
  }
  return "value";
}
