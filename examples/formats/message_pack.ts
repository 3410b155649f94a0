/** MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md. */

import {
  type Codec,
  defineCodec,
  type FrameInput,
  type FrameRead,
} from "../../mod.ts";
import { invalid } from "./invalid.ts";

/** The types of a fixed length: how many bytes follow. */
const FIXED = new Map([
  ...[[0xc0, 0], [0xc2, 0], [0xc3, 0], [0xca, 4], [0xcb, 8], [0xcc, 1]],
  ...[[0xcd, 2], [0xce, 4], [0xcf, 8], [0xd0, 1], [0xd1, 2], [0xd2, 4]],
  ...[[0xd3, 8], [0xd4, 2], [0xd5, 3], [0xd6, 5], [0xd7, 9], [0xd8, 17]],
] as [number, number][]);

/** Passes over one object, with all that is within it. */
function* skipObject(input: FrameInput): FrameRead<void> {
  const type = yield* input.uint(1);
  const fixed = type < 0x80 || type >= 0xe0 ? 0 : FIXED.get(type);
  if (fixed !== undefined) return yield* input.skip(fixed);
  if (type >= 0xa0 && type < 0xc0) return yield* input.skip(type & 31);
  if (type < 0xa0) return yield* skipObjects(input, type & 15, type < 0x90);
  if (type === 0xc1) throw invalid("HEADER_INVALID", "a type", "c1");
  // Arrays and maps have two widths of their length, strings and bytes three.
  if (type >= 0xdc) {
    const count = yield* input.uint(type & 1 ? 4 : 2);
    return yield* skipObjects(input, count, type >= 0xde);
  }
  const width = type >= 0xd9 ? type - 0xd9 : (type - 0xc4) % 3;
  const length = yield* input.uint(1 << width);
  const isExtension = type >= 0xc7 && type <= 0xc9;
  yield* input.skip(length + (isExtension ? 1 : 0));
}

function* skipObjects(
  input: FrameInput,
  count: number,
  isMap: boolean,
): FrameRead<void> {
  for (let left = isMap ? 2 * count : count; left > 0; left--) {
    yield* input.nested(skipObject(input));
  }
}

/** Whole objects, as bytes for a library that decodes them. */
export const messagePack: Codec<Uint8Array> = defineCodec({
  name: "messagePack",
  *readFrame(input) {
    yield* skipObject(input);
    return input.view();
  },
  encoder: { encode: (object, output) => void output.write(object) },
});
