/**
 * Clients of frames.
 *
 * @module
 */
export type { BackoffOptions } from "./attempts.ts";
export { type ClientOptions, createClient } from "./create_client.ts";
export * from "./reconnecting.ts";
