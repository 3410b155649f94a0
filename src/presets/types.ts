import type { ByteFrameOptions, FrameLimitOptions } from "../codec/types.ts";

/** Options of the presets for frames of bytes. */
export type PresetOptions = FrameLimitOptions & ByteFrameOptions;
