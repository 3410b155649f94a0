import zlib from "node:zlib";
import type { Compression } from "../codec/views/compressed.ts";

/** gzip (RFC 1952), by `node:zlib`. */
export const gzip: Compression = compression(
  "gzip",
  zlib.gzipSync,
  zlib.gunzipSync,
);

/** The zlib format (RFC 1950), by `node:zlib`. */
export const deflate: Compression = compression(
  "deflate",
  zlib.deflateSync,
  zlib.inflateSync,
);

function compression(
  name: string,
  compress: (bytes: Uint8Array) => Uint8Array,
  decompress: (
    bytes: Uint8Array,
    options: { maxOutputLength: number },
  ) => Uint8Array,
): Compression {
  return {
    name,
    compress: (bytes) => plain(compress(bytes)),
    decompress(bytes, maxLength) {
      try {
        // zlib refuses a limit of zero.
        const out = decompress(bytes, { maxOutputLength: maxLength + 1 });
        return out.length > maxLength ? undefined : plain(out);
      } catch (error) {
        if (isTooLarge(error)) return undefined;
        throw error;
      }
    },
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    error.code === "ERR_BUFFER_TOO_LARGE";
}

/** Returns a plain `Uint8Array`: the `slice` of a `Buffer` does not copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
