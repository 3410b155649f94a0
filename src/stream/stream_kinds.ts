import type { OptionKinds } from "../checks.ts";
import type { FrameStreamOptions } from "./types.ts";

/** The options of both streams of frames. */
export const streamKinds: OptionKinds<FrameStreamOptions> = {
  batches: "boolean",
};
