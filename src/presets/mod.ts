/**
 * Formats by the names of those who speak them, each a few words over the
 * codecs.
 *
 * @module
 */
export * from "./gob.ts";
export * from "./platforms.ts";
export * from "./protocols.ts";
export * from "./syslog.ts";
export * from "./tutorials.ts";
export type * from "./types.ts";
