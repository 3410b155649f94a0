import type { Codec } from "../codec/types.ts";

/**
 * A `TransformStream` from bytes to frames, for `pipeThrough`.
 *
 * A frame is decoded when it is read, not before: the frames ahead of a bad one
 * always come out before the stream errors with its `FrameError`.
 *
 * @example
 * ```ts
 * import { FrameDecoderStream } from "@framewire/framewire/stream";
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const frames = new Blob(["one\ntw", "o\nthree"]).stream()
 *   .pipeThrough(new FrameDecoderStream(lines()));
 * assertEquals(await Array.fromAsync(frames), ["one", "two", "three"]);
 * ```
 *
 * @typeParam Out What a frame is decoded to.
 */
export class FrameDecoderStream<Out> extends TransformStream<Uint8Array, Out> {
  /** The frames. */
  override readonly readable: ReadableStream<Out>;

  /**
   * Makes the stream.
   *
   * @param codec The frame format.
   */
  constructor(codec: Codec<never, Out>) {
    super();
    const decoder = codec.decoder();
    // The transform only passes chunks through. Were they decoded there, an
    // error would throw away frames that the same chunk had brought and nobody
    // had read yet.
    const passed = super.readable as ReadableStream<unknown>;
    const chunks = (passed as ReadableStream<Uint8Array>).getReader();
    this.readable = new ReadableStream<Out>({
      async pull(controller) {
        try {
          let frame = decoder.next();
          while (frame === undefined) {
            const { done, value } = await chunks.read();
            if (done) decoder.end();
            else decoder.push(value);
            frame = decoder.next();
            if (done && frame === undefined) return controller.close();
          }
          controller.enqueue(frame);
        } catch (error) {
          await chunks.cancel(error);
          throw error;
        }
      },
      cancel: (reason) => chunks.cancel(reason),
    }, { highWaterMark: 0 });
  }
}
