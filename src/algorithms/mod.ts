/**
 * Digests and compressions for codecs. They use `node:crypto` and `node:zlib`,
 * which Deno, Bun and Node all have; the codec layer does not.
 *
 * @module
 */
export * from "./compressions.ts";
export * from "./digests.ts";
