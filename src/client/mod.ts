/**
 * Clients of frames.
 *
 * @module
 */
export { type ClientOptions, createClient } from "./create_client.ts";
export * from "./reconnecting.ts";
