/**
 * Servers of frames.
 *
 * @module
 */
export type { ServerEvent } from "./event_queue.ts";
export * from "./serve.ts";
export * from "./types.ts";
