/**
 * Clients of frames.
 *
 * @module
 */
export * from "./create_client.ts";
export * from "./reconnecting.ts";
