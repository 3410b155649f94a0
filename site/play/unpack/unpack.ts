import { model } from "./model.ts";

/** Unpacks what `pack` of the build has made of so many bytes. */
export function unpack(
  packed: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const { predict, update } = model();
  let low = 0;
  let high = 0xffff_ffff;
  let code = 0;
  let at = 0;
  for (; at < 4; at++) code = code * 256 + (packed[at] ?? 0);
  for (let i = 0; i < length; i++) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) {
      const middle = low + Math.floor((high - low) * predict() / 65_536);
      const isOne = code <= middle;
      if (isOne) high = middle;
      else low = middle + 1;
      update(isOne ? 1 : 0);
      byte = byte * 2 + (isOne ? 1 : 0);
      while (((low ^ high) & 0xff00_0000) === 0) {
        low = low << 8 >>> 0;
        high = (high << 8 | 255) >>> 0;
        code = (code << 8 | (packed[at++] ?? 0)) >>> 0;
      }
    }
    bytes[i] = byte;
  }
  return bytes;
}
