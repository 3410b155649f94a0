/**
 * Event streams of AWS (`application/vnd.amazon.eventstream`):
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html.
 */

import { ByteWriter, type Codec, defineCodec } from "../../mod.ts";
import { crc32 } from "../../src/codec/views/crc.ts";
import { invalid } from "./invalid.ts";

/** A message. Its headers are left as bytes. */
export interface EventMessage {
  readonly headers: Uint8Array;
  readonly payload: Uint8Array;
}

export const eventStream: Codec<EventMessage> = defineCodec({
  name: "eventStream",
  *readFrame(input) {
    const length = yield* input.uint(4);
    const headersLength = yield* input.uint(4);
    const preludeSum = crc32(input.view());
    if ((yield* input.uint(4)) !== preludeSum) {
      throw invalid("CHECKSUM_MISMATCH", `${preludeSum}`, "another prelude");
    }
    const headers = yield* input.bytes(headersLength);
    const payload = yield* input.bytes(length - headersLength - 16);
    const sum = crc32(input.view());
    if ((yield* input.uint(4)) === sum) return { headers, payload };
    throw invalid("CHECKSUM_MISMATCH", `${sum}`, "another message");
  },
  encoder: {
    encode({ headers, payload }, output) {
      const message = new ByteWriter();
      message.writeUint(headers.length + payload.length + 16, 4);
      message.writeUint(headers.length, 4);
      message.writeUint(crc32(message.view()), 4);
      message.write(headers);
      message.write(payload);
      message.writeUint(crc32(message.view()), 4);
      output.write(message.view());
    },
  },
});
