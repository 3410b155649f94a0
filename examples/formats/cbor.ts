/** CBOR sequences: https://www.rfc-editor.org/rfc/rfc8949 and rfc8742. */

import {
  type Codec,
  defineCodec,
  type FrameInput,
  type FrameRead,
} from "../../mod.ts";
import { invalid } from "./invalid.ts";

const STOP = 0xff;

/**
 * Passes over one item, with all that is within it, and returns its first byte.
 * `chunkOf` is the type of a string that has it as one of its chunks.
 */
function* skipItem(input: FrameInput, chunkOf?: number): FrameRead<number> {
  const first = yield* input.uint(1);
  if (first === STOP) return first;
  const [type, info] = [first >> 5, first & 31];
  const isChunk = type === chunkOf && info !== 31;
  if (chunkOf !== undefined && !isChunk) throw notWellFormed(first);
  if (info === 31 && type >= 2 && type <= 5) {
    let count = 0;
    const part = type < 4 ? type : undefined;
    while ((yield* input.nested(skipItem(input, part))) !== STOP) count++;
    if (type === 5 && count % 2 === 1) throw notWellFormed(STOP);
    return first;
  }
  if (info > 27) throw notWellFormed(first);
  const value = info < 24 ? info : yield* input.uint(1 << (info - 24));
  if (first === 0xf8 && value < 32) throw notWellFormed(value);
  if (type === 2 || type === 3) yield* input.skip(value);
  // Arrays, maps and tags.
  const count = type === 4 ? value : type === 5 ? 2 * value : +(type === 6);
  for (let left = count; left > 0; left--) {
    const part = yield* input.nested(skipItem(input));
    if (part === STOP) throw notWellFormed(part);
  }
  return first;
}

function notWellFormed(byte: number): Error {
  return invalid("HEADER_INVALID", "an item", byte.toString(16));
}

/** Whole items, as bytes for a library that decodes them. */
export const cbor: Codec<Uint8Array> = defineCodec({
  name: "cbor",
  *readFrame(input) {
    const first = yield* skipItem(input);
    if (first === STOP) throw notWellFormed(first);
    return input.view();
  },
  encoder: { encode: (item, output) => void output.write(item) },
});
