/**
 * Web Streams over a codec, for `pipeThrough`.
 *
 * @module
 */
export * from "./frame_decoder_stream.ts";
export * from "./frame_encoder_stream.ts";
export * from "./types.ts";
