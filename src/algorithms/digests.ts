import { createHash } from "node:crypto";
import type { Digest } from "../codec/types.ts";

/** SHA-256 (FIPS 180-4) in lower-case hexadecimal, by `node:crypto`. */
export const sha256: Digest = digest("sha256", "sha-256");

/**
 * MD5 (RFC 1321) in lower-case hexadecimal, by `node:crypto`, for peers that
 * require it. It detects accidental changes, not attacks.
 */
export const md5: Digest = digest("md5", "md5");

function digest(algorithm: string, name: string): Digest {
  return {
    name,
    compute: (bytes) => createHash(algorithm).update(bytes).digest("hex"),
  };
}
