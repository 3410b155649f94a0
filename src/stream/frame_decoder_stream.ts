import type { Codec, Decoder } from "../codec/types.ts";

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

  readonly #decoder: Decoder<Out>;
  readonly #chunks: ReadableStreamDefaultReader<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Out>;
  #reading = false;

  /**
   * Makes the stream.
   *
   * @param codec The frame format.
   */
  constructor(codec: Codec<never, Out>) {
    super();
    // The transform only passes chunks through. Were they decoded there, an
    // error would throw away frames that the same chunk had brought and nobody
    // had read yet.
    const passed = super.readable as ReadableStream<unknown>;
    this.#chunks = (passed as ReadableStream<Uint8Array>).getReader();
    this.#decoder = codec.decoder();
    this.readable = new ReadableStream<Out>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => this.#chunks.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /**
   * Ends the stream of frames after the last one read, and gives back the bytes
   * behind it: to change the format mid-stream with nothing lost.
   *
   * @example A handshake in lines, then binary frames
   * ```ts
   * import { FrameDecoderStream } from "@framewire/framewire/stream";
   * import { lengthPrefixed, lines } from "@framewire/framewire/codec";
   * import { assertEquals } from "@std/assert";
   *
   * const greeting = new FrameDecoderStream(lines());
   * const reader = new Blob(["HELLO\n", "\0\0\0\x01!"]).stream()
   *   .pipeThrough(greeting).getReader();
   * assertEquals((await reader.read()).value, "HELLO");
   *
   * const frames = greeting.release()
   *   .pipeThrough(new FrameDecoderStream(lengthPrefixed()));
   * assertEquals(await Array.fromAsync(frames), [Uint8Array.of(0x21)]);
   * ```
   *
   * @returns The bytes.
   * @throws {TypeError} If a frame is being waited for.
   */
  release(): ReadableStream<Uint8Array> {
    if (this.#reading) {
      throw new TypeError("Cannot release the bytes: a frame is waited for");
    }
    const chunks = this.#chunks;
    const unread = this.#decoder.takeUnread();
    this.#controller.close();
    return new ReadableStream<Uint8Array>({
      start(controller) {
        if (unread.length > 0) controller.enqueue(unread);
      },
      async pull(controller) {
        const { done, value } = await chunks.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => chunks.cancel(reason),
    }, { highWaterMark: 0 });
  }

  async #pull(): Promise<void> {
    const decoder = this.#decoder;
    this.#reading = true;
    try {
      let frame = decoder.next();
      while (frame === undefined) {
        const { done, value } = await this.#chunks.read();
        if (done) decoder.end();
        else decoder.push(value);
        frame = decoder.next();
        if (done && frame === undefined) return this.#controller.close();
      }
      this.#controller.enqueue(frame);
    } catch (error) {
      await this.#chunks.cancel(error);
      throw error;
    } finally {
      this.#reading = false;
    }
  }
}
