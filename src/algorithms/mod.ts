/**
 * Checksums, digests and compressions for codecs. The digests and compressions use
 * `node:crypto` and `node:zlib`, which Deno, Bun and Node all have; the checksums and
 * the codec layer do not.
 *
 * @module
 */
export * from "./checksums.ts";
export * from "./compressions.ts";
export * from "./digests.ts";
