import { crc32, crc32c } from "./crc32.ts";
import { FrameError } from "../errors.ts";
import { mapCodec } from "./map_codec.ts";
import type { Codec } from "../types.ts";

/** A checksum of one's own. */
export interface Checksum {
  /** How many bytes it has. */
  readonly length: number;
  /** Computes it: `length` bytes. */
  compute(bytes: Uint8Array): Uint8Array;
}

/**
 * Frames with a checksum at their end, which guards against accidents on the
 * way, not against people. It is checked, and taken off, before a frame is
 * handed out.
 *
 * The CRCs stand there as four bytes, big-endian. `"crc32"` is that of Ethernet,
 * gzip and PNG (ITU-T V.42), `"crc32c"` that of iSCSI and ext4 (Castagnoli, RFC
 * 3720 appendix B.4).
 *
 * @example
 * ```ts
 * import { checksum, lengthPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = checksum(lengthPrefixed({ lengthBytes: 1 }), "crc32");
 * const bytes = codec.encode(new TextEncoder().encode("123456789"));
 * assertEquals(bytes.slice(-4), Uint8Array.of(0xcb, 0xf4, 0x39, 0x26));
 * assertEquals(bytes[0], 13); // the length counts the checksum
 * ```
 *
 * Errors of its frames: `CHECKSUM_MISMATCH`, also for a frame too short to have
 * a checksum.
 *
 * @param codec The codec of the frames; its limit counts the checksum.
 * @param kind Which checksum.
 * @returns The codec of the frames without it.
 */
export function checksum(
  codec: Codec<Uint8Array>,
  kind: "crc32" | "crc32c" | Checksum,
): Codec<Uint8Array> {
  const { length, compute } = typeof kind === "string"
    ? bigEndian(kind === "crc32" ? crc32 : crc32c)
    : kind;
  return mapCodec(codec, {
    name: `checksum(${codec.name})`,
    decode(frame, offset) {
      const bodyLength = Math.max(0, frame.length - length);
      const body = frame.subarray(0, bodyLength);
      const expected = compute(body);
      const got = frame.subarray(bodyLength);
      if (got.length === length && expected.every((b, i) => b === got[i])) {
        return body;
      }
      throw new FrameError("CHECKSUM_MISMATCH", {
        reason: "The checksum is wrong",
        offset,
        expected: hex(expected),
        got: hex(got) || "none",
      });
    },
    encode(body: Uint8Array) {
      const frame = new Uint8Array(body.length + length);
      frame.set(body);
      frame.set(compute(body), body.length);
      return frame;
    },
  });
}

function bigEndian(crc: (bytes: Uint8Array) => number): Checksum {
  return {
    length: 4,
    compute(bytes) {
      const value = crc(bytes);
      return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
    },
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
