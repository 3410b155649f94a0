import type { FrameError } from "../codec/errors.ts";
import type { Codec } from "../codec/types.ts";
import { formatFromJson, formatToJson } from "../format/json.ts";
import { stageKinds } from "../format/stages.ts";

/** Formats whose frames have an end that is seen, however wrong they are. */
const DELIMITED = [
  "cobs",
  "delimited",
  "hdlc",
  "lines",
  "marked",
  "slip",
  "stuffed",
];

/**
 * The codec that passes over bad frames where the format can: where it knows where a bad
 * frame ends.
 *
 * @param onSkip Told of each frame that is passed over.
 */
export function skippingFormat(
  codec: Codec<unknown>,
  onSkip: (error: FrameError) => void,
): Codec<unknown> {
  const json = formatToJson(codec);
  if (json === undefined) return codec;
  const stages = json.map((stage) => {
    const options = stageKinds.find(({ name }) => name === stage.stage)
      ?.options;
    return {
      ...stage,
      ...(options !== undefined && "onInvalid" in options && {
        onInvalid: "skip",
      }),
      ...(DELIMITED.includes(stage.stage) && { onOversize: "skip" }),
    };
  });
  return formatFromJson(stages, { onSkip });
}
