/** The CRC-32 of Ethernet, gzip and PNG: reflected polynomial edb88320. */
export const crc32: (bytes: Uint8Array) => number = reflectedCrc(0xedb88320);

/** CRC-32C (Castagnoli): reflected polynomial 82f63b78. */
export const crc32c: (bytes: Uint8Array) => number = reflectedCrc(0x82f63b78);

/**
 * Returns the function of a reflected 32-bit CRC, which looks up each byte in a
 * table.
 */
function reflectedCrc(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    return value;
  });
  return (bytes) => {
    let value = -1;
    for (let i = 0; i < bytes.length; i++) {
      value = (value >>> 8) ^ table[(value ^ bytes[i]!) & 255]!;
    }
    return ~value >>> 0;
  };
}
