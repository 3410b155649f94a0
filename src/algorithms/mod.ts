/**
 * Digests and compressions for codecs, over `node:crypto` and `node:zlib`, which
 * Deno, Bun and Node all have. The codec layer itself needs neither.
 *
 * @module
 */
export * from "./compressions.ts";
export * from "./digests.ts";
