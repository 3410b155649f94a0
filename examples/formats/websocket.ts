/** The frames of WebSocket: https://www.rfc-editor.org/rfc/rfc6455#section-5.2. */

import { type Codec, defineCodec } from "../../mod.ts";
import { invalid } from "./invalid.ts";

/** A frame. A client's has a mask of four bytes; the payload is unmasked here. */
export interface WebSocketFrame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly mask: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

function masked(bytes: Uint8Array, mask: Uint8Array | undefined): Uint8Array {
  return mask ? bytes.map((byte, i) => byte ^ mask[i & 3]!) : bytes;
}

export const webSocketFrames: Codec<WebSocketFrame> = defineCodec({
  name: "webSocketFrames",
  *readFrame(input) {
    const first = yield* input.uint(1);
    const second = yield* input.uint(1);
    const short = second & 127;
    const width = short < 126 ? 0 : short === 126 ? 2 : 8;
    const length = width === 0 ? short : yield* input.uint(width);
    const least = width === 0 ? 0 : width === 2 ? 126 : 65_536;
    const isControl = (first & 8) !== 0;
    if (first & 0x70 || isControl && (first < 128 || width > 0)) {
      throw invalid("HEADER_INVALID", "a first byte", first);
    }
    if (length < least) throw invalid("LENGTH_INVALID", `${least}`, length);
    const mask = second > 127 ? yield* input.bytes(4) : undefined;
    const payload = masked(yield* input.bytes(length), mask);
    return { isFinal: first > 127, opcode: first & 15, mask, payload };
  },
  encoder: {
    encode({ isFinal, opcode, mask, payload }, output) {
      const { length } = payload;
      const width = length < 126 ? 0 : length < 65_536 ? 2 : 8;
      const short = width === 0 ? length : width === 2 ? 126 : 127;
      output.writeByte((isFinal ? 128 : 0) | opcode);
      output.writeByte((mask ? 128 : 0) | short);
      output.writeUint(length, width);
      if (mask) output.write(mask);
      output.write(masked(payload, mask));
    },
  },
});
