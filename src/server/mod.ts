/**
 * Servers of frames.
 *
 * @module
 */
export type { SlowReaders } from "./broadcast.ts";
export type { ServerEvent } from "./event_queue.ts";
export type { RateOptions } from "./rate.ts";
export { serve } from "./serve.ts";
export * from "./types.ts";
