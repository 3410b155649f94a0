import type { Checksum } from "../types.ts";
import { crc32cModel, crc32Model, type CrcModel } from "./crc_models.ts";

/** Returns the function of a CRC, which looks up each byte in a table. */
export function crcOf(model: CrcModel): (bytes: Uint8Array) => number {
  const { width, polynomial, reflected } = model;
  // Registers that are not reflected stand at the upper end of 32 bits.
  const shift = reflected ? 0 : 32 - width;
  const table = reflected
    ? crcTable(reflect(polynomial, width), true)
    : crcTable(polynomial << shift, false);
  const initial = reflected
    ? reflect(model.initial, width)
    : model.initial << shift;
  return (bytes) => {
    let value = initial;
    if (reflected) {
      for (let i = 0; i < bytes.length; i++) {
        value = (value >>> 8) ^ table[(value ^ bytes[i]!) & 255]!;
      }
    } else {
      for (let i = 0; i < bytes.length; i++) {
        value = (value << 8) ^ table[(value >>> 24) ^ bytes[i]!]!;
      }
    }
    return ((value >>> shift) ^ model.xorOut) >>> 0;
  };
}

function crcTable(polynomial: number, reflected: boolean): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = reflected ? byte : byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      if (reflected) {
        value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
      } else value = value < 0 ? (value << 1) ^ polynomial : value << 1;
    }
    return value;
  });
}

function reflect(value: number, width: number): number {
  let reflected = 0;
  for (let bit = 0; bit < width; bit++) {
    if (value & (1 << bit)) reflected |= 1 << (width - 1 - bit);
  }
  return reflected >>> 0;
}

/** The CRC-32 of Ethernet, gzip and PNG (ITU-T V.42). */
export const crc32: (bytes: Uint8Array) => number = crcOf(crc32Model);

/** The CRC-32C of iSCSI and ext4 (Castagnoli, RFC 3720 appendix B.4). */
export const crc32c: (bytes: Uint8Array) => number = crcOf(crc32cModel);

/** The checksum of a CRC: its `length` lowest bytes in the order of the wire. */
export function crcChecksum(
  crc: (bytes: Uint8Array) => number,
  length: number,
  endian: "big" | "little",
): Checksum {
  return {
    length,
    compute(bytes) {
      const value = crc(bytes);
      const sum = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        sum[endian === "little" ? i : length - 1 - i] = value >>> 8 * i;
      }
      return sum;
    },
  };
}
