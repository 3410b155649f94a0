/**
 * Servers of frames.
 *
 * @module
 */
export type { ServerEvent } from "./event_queue.ts";
export * from "./health_endpoint.ts";
export { serve } from "./serve.ts";
export * from "./types.ts";
