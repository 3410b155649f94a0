import { ByteWriter } from "../codec/bytes/byte_writer.ts";
import type { Codec } from "../codec/types.ts";

/**
 * A `TransformStream` from frames to bytes, for `pipeThrough`. Every frame
 * becomes one chunk; a frame that the format cannot carry errors the stream
 * with a `FrameError`.
 *
 * @example
 * ```ts
 * import { FrameEncoderStream } from "@framewire/framewire/stream";
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = ReadableStream.from(["one", "two"])
 *   .pipeThrough(new FrameEncoderStream(lines()));
 * assertEquals(await new Response(bytes).text(), "one\ntwo\n");
 * ```
 *
 * @typeParam In What is encoded.
 */
export class FrameEncoderStream<In>
  extends TransformStream<In, Uint8Array<ArrayBuffer>> {
  /**
   * Makes the stream.
   *
   * @param codec The frame format.
   */
  constructor(codec: Codec<In, unknown>) {
    const encoder = codec.encoder();
    const output = new ByteWriter();
    super({
      transform(frame, controller) {
        encoder.encode(frame, output);
        controller.enqueue(output.take());
      },
    });
  }
}
