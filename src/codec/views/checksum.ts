import { checkChoice, checkKind } from "../../checks.ts";
import { describeView, recoveryNames } from "../description.ts";
import { crc32, crc32c, crcChecksum } from "../bytes/crc.ts";
import { withoutChecksum } from "../bytes/trailing_checksum.ts";
import { Refused } from "../bytes/recovery.ts";
import type { PrefixedCodec } from "../formats/prefixed.ts";
import { mapCodec } from "./map_codec.ts";
import type { Checksum, Codec, RecoveryOptions } from "../types.ts";

/**
 * Frames that end with a checksum. It detects accidental corruption and does
 * not protect against tampering. The decoder checks and removes it.
 *
 * The CRCs are four bytes, big-endian. `"crc32"` is the one of Ethernet, gzip
 * and PNG (ITU-T V.42), `"crc32c"` the one of iSCSI and ext4 (Castagnoli, RFC
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
 * A checksum that covers the header as well needs a codec that leaves the header to
 * the frame: then the length is filled in before the checksum is computed.
 *
 * @example A header that is covered: UBX, of u-blox receivers
 * ```ts
 * import { checksum, lengthPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * // Class, ID, length and payload are covered, the mark before them is not.
 * const fletcher = (frame: Uint8Array) => {
 *   let [a, b] = [0, 0];
 *   for (const byte of frame.subarray(2)) {
 *     a += byte;
 *     b += a;
 *   }
 *   return Uint8Array.of(a, b);
 * };
 * const codec = checksum(
 *   lengthPrefixed({
 *     lengthOffset: 4,
 *     lengthBytes: 2,
 *     endian: "little",
 *     lengthAdjustment: 2, // the checksum, which the length does not count
 *     stripBytes: 0,
 *   }),
 *   { length: 2, compute: fletcher },
 * );
 * // UBX-CFG-RATE: a solution every 100 ms
 * const frame = [0xb5, 0x62, 6, 8, 6, 0, 100, 0, 1, 0, 1, 0];
 * const bytes = Uint8Array.of(...frame, 0x7a, 0x12);
 * assertEquals(codec.encode(Uint8Array.from(frame)), bytes);
 * assertEquals(codec.decode(bytes), [Uint8Array.from(frame)]);
 * ```
 *
 * Errors of its frames: `CHECKSUM_MISMATCH`, also if a frame is too short to
 * contain a checksum.
 *
 * @param codec The codec of the frames with the checksum, which its limit
 * includes.
 * @param kind The checksum.
 * @param options What to do with frames whose checksum is wrong.
 * @returns The codec of the frames without the checksum.
 * @throws {TypeError} If there is no checksum of that name.
 */
export function checksum(
  codec: Codec<Uint8Array> & Pick<PrefixedCodec, "fillLength">,
  kind: "crc32" | "crc32c" | Checksum,
  options: RecoveryOptions = {},
): Codec<Uint8Array> {
  const description = describeView(
    "checksum",
    codec,
    { kind },
    options,
    recoveryNames,
  );
  if (typeof kind === "string") checkChoice("kind", kind, ["crc32", "crc32c"]);
  else checkKind("kind", kind, ["compute"]);
  const summed = typeof kind === "string"
    ? crcChecksum(kind === "crc32" ? crc32 : crc32c, 4, "big")
    : kind;
  const { length, compute } = summed;
  const frames = mapCodec(codec, {
    ...options,
    name: `checksum(${codec.name})`,
    decode(frame, offset) {
      const body = withoutChecksum(frame, summed, offset);
      if (typeof body === "function") throw new Refused(body);
      return body;
    },
    encode(body: Uint8Array) {
      const frame = new Uint8Array(body.length + length);
      const covered = frame.subarray(0, body.length);
      covered.set(body);
      codec.fillLength?.(covered, frame.length);
      frame.set(compute(covered), body.length);
      return frame;
    },
  });
  return { ...frames, description };
}
