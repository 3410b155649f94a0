import { model } from "../../../site/play/unpack/model.ts";

/** Packs bytes as `unpack` of the page reads them: an arithmetic coder of a model. */
export function pack(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const packed: number[] = [];
  const { predict, update } = model();
  let low = 0;
  let high = 0xffff_ffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const middle = low + Math.floor((high - low) * predict() / 65_536);
      const isOne = (byte >> bit & 1) === 1;
      if (isOne) high = middle;
      else low = middle + 1;
      update(isOne ? 1 : 0);
      while (((low ^ high) & 0xff00_0000) === 0) {
        packed.push(high >>> 24);
        low = low << 8 >>> 0;
        high = (high << 8 | 255) >>> 0;
      }
    }
  }
  packed.push(high >>> 24, high >>> 16 & 255, high >>> 8 & 255, high & 255);
  return Uint8Array.from(packed);
}
