import { ByteQueue } from "../codec/bytes/byte_queue.ts";
import type { Codec, Decoder } from "../codec/types.ts";

/** A codec, of which only the way it cuts a byte stream is used. */
export type CuttingCodec = Codec<never, unknown>;

/**
 * Cuts one byte stream behind each of its frames. What a codec passes over between
 * two frames belongs to the second one, so that no byte is in none of the pieces.
 */
export class FrameCutter {
  #decoder: Decoder<unknown> | undefined;
  /** How many bytes the decoder has got. */
  #pushed = 0;
  readonly #held = new ByteQueue();

  /** Makes the cutter of a stream; one without a codec finds no frames. */
  constructor(codec: CuttingCodec | undefined) {
    this.#decoder = codec?.decoder();
  }

  /** Takes a chunk, and yields the bytes of the frames that are complete. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void> {
    this.#held.push(chunk);
    this.#pushed += chunk.length;
    this.#decoder?.push(chunk);
    yield* this.#frames();
  }

  /** Takes the end, and yields the bytes of the frames that it completes. */
  *end(): Generator<Uint8Array, void> {
    this.#decoder?.end();
    yield* this.#frames();
  }

  /** Whether no frames are found: without a codec, and behind bytes that are none. */
  get isUncut(): boolean {
    return this.#decoder === undefined;
  }

  /** Takes the bytes that have arrived and that belong to no frame yet. */
  takeRest(): Uint8Array {
    return this.#held.take(this.#held.length);
  }

  *#frames(): Generator<Uint8Array, void> {
    const decoder = this.#decoder;
    while (decoder !== undefined) {
      try {
        if (decoder.next() === undefined) return;
      } catch {
        this.#decoder = undefined;
        return;
      }
      const behind = decoder.bufferedBytes;
      yield this.#held.take(this.#held.length - behind);
    }
  }
}
