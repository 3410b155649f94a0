/** Bencode: https://www.bittorrent.org/beps/bep_0003.html#bencoding. */

import {
  type Codec,
  defineCodec,
  type FrameInput,
  type FrameRead,
} from "../../mod.ts";
import { invalid } from "./invalid.ts";

/** Passes over one value, or over the `e` that ends a list: then it returns `false`. */
function* skipValue(input: FrameInput): FrameRead<boolean> {
  const first = String.fromCharCode(yield* input.uint(1));
  if (first === "e") return false;
  if (first === "l" || first === "d") {
    let count = 0;
    while (yield* input.nested(skipValue(input))) count++;
    if (first === "l" || count % 2 === 0) return true;
    throw invalid("MARK_INVALID", "a value behind each key", "e");
  }
  const rest = yield* input.until(first === "i" ? "e" : ":", 20);
  const number = first + new TextDecoder().decode(rest);
  if (!/^(i(0|-?[1-9]\d*)|0|[1-9]\d*)$/.test(number)) {
    throw invalid("HEADER_INVALID", "a number", number);
  }
  if (first !== "i") yield* input.skip(Number(number));
  return true;
}

/** Whole values, as bytes. */
export const bencode: Codec<Uint8Array> = defineCodec({
  name: "bencode",
  *readFrame(input) {
    const isValue = yield* skipValue(input);
    if (!isValue) throw invalid("MARK_INVALID", "a value", "e");
    return input.view();
  },
  encoder: { encode: (value, output) => void output.write(value) },
});
