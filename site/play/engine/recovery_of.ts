import type { FrameError } from "../../../src/codec/errors.ts";
import type { Codec, CodecDescription } from "../../../src/codec/types.ts";
import { formatOf } from "../../../src/format/format_of.ts";
import { stageKinds } from "../../../src/format/stages.ts";

/** The format that passes over frames such as a bad one, where there is one. */
export function recoveryOf(
  { description }: Codec<unknown>,
  { code }: FrameError,
): string | undefined {
  if (code === "FRAME_TRUNCATED" || description === undefined) return undefined;
  const option = code === "FRAME_TOO_LARGE" ? "onOversize" : "onInvalid";
  const skipping = withSkip(description, option);
  return skipping && formatOf({ description: skipping });
}

/** A description whose outermost part with the option has it. */
function withSkip(
  part: CodecDescription,
  option: string,
): CodecDescription | undefined {
  const kind = stageKinds.find(({ kind }) => kind === part.kind);
  if (kind !== undefined && option in kind.options) {
    if (part.options[option] === "skip") return undefined;
    return { ...part, options: { ...part.options, [option]: "skip" } };
  }
  const over = part.over && withSkip(part.over, option);
  return over && { ...part, over };
}
