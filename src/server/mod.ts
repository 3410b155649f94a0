/**
 * Servers of frames.
 *
 * @module
 */
export * from "./serve.ts";
