/** The types of fields and how many bytes they have; -1 for a varint. */
const WIRE_TYPES: Readonly<Record<number, number>> = { 0: -1, 1: 8, 5: 4 };

/**
 * Whether bytes are fields of a Protocol Buffers message, to the end
 * (<https://protobuf.dev/programming-guides/encoding/>).
 */
export function isProtobuf(bytes: Uint8Array): boolean {
  let at = 0;
  const varint = (): number => {
    for (let value = 0, i = 0; i < 5; i++) {
      const byte = bytes[at++];
      if (byte === undefined) return -1;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return -1;
  };
  while (at < bytes.length) {
    const tag = varint();
    // Few messages have more than a hundred fields.
    if (tag < 8 || tag >= 8 * 128) return false;
    if ((tag & 7) === 2) {
      const length = varint();
      if (length < 0) return false;
      at += length;
    } else {
      const size = WIRE_TYPES[tag & 7];
      if (size === undefined) return false;
      if (size < 0) {
        if (varint() < 0) return false;
      } else at += size;
    }
  }
  return at === bytes.length;
}
