/** FIX, tag=value: https://www.fixtrading.org/standards/tagvalue-online/. */

import { type Codec, defineCodec } from "../../mod.ts";
import { invalid } from "./invalid.ts";

const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** Whole messages, from `8=` to the checksum. */
export const fix: Codec<Uint8Array> = defineCodec({
  name: "fix",
  *readFrame(input) {
    const version = text(yield* input.until("\x01", 16));
    if (!version.startsWith("8=FIX")) {
      throw invalid("HEADER_INVALID", "8=FIX", version);
    }
    const bodyLength = text(yield* input.until("\x01", 16));
    const [, length] = /^9=(\d+)$/.exec(bodyLength) ?? [];
    if (length === undefined) throw invalid("LENGTH_INVALID", "9=", bodyLength);
    yield* input.skip(Number(length));
    const sum = input.view().reduce((sum, byte) => sum + byte, 0) % 256;
    const expected = `10=${`${sum}`.padStart(3, "0")}`;
    const checksum = text(yield* input.until("\x01", 6));
    if (checksum === expected) return input.view();
    throw invalid("CHECKSUM_MISMATCH", expected, checksum);
  },
  encoder: { encode: (message, output) => void output.write(message) },
});
