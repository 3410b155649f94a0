import { ByteQueue } from "./bytes/byte_queue.ts";
import { release } from "./bytes/buffer_pool.ts";
import { ByteWriter } from "./bytes/byte_writer.ts";
import { addOffset } from "./errors.ts";
import type { Codec, Decoder, Encoder, FrameReader } from "./types.ts";

/** The parts of a codec: a name, a reader for each stream and an encoder. */
export interface CodecDefinition<In, Out = In> {
  /** The name of the format. */
  name: string;
  /** Makes the reader of one byte stream. */
  reader: () => FrameReader<Out>;
  /**
   * The encoder that all byte streams share, or, where an encoder keeps state
   * from frame to frame, a function that makes the one of a byte stream.
   */
  encoder: Encoder<In> | (() => Encoder<In>);
}

/**
 * Makes a codec from a reader and an encoder. It adds what is the same for
 * every format: it joins chunks, keeps errors, and handles the end of the
 * stream.
 *
 * @example A format in which every frame ends with a zero byte
 * ```ts
 * import { defineCodec, FrameError } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const zeroTerminated = defineCodec<Uint8Array>({
 *   name: "zeroTerminated",
 *   reader: () => ({
 *     read(input) {
 *       const length = input.indexOf(0);
 *       if (length < 0) return undefined;
 *       const frame = input.take(length);
 *       input.skip(1);
 *       return frame;
 *     },
 *     finish(input) {
 *       if (input.length === 0) return undefined;
 *       throw new FrameError("FRAME_TRUNCATED", {
 *         reason: "The stream ended inside a frame",
 *         offset: input.frameOffset,
 *         expected: "a zero byte",
 *         got: "the end of the stream",
 *       });
 *     },
 *   }),
 *   encoder: {
 *     encode(frame, output) {
 *       output.write(frame);
 *       output.writeByte(0);
 *     },
 *   },
 * });
 *
 * assertEquals(
 *   zeroTerminated.decode(Uint8Array.of(1, 2, 0, 0, 3, 0)),
 *   [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)],
 * );
 * ```
 *
 * @param definition The name, the reader and the encoder.
 * @returns The codec.
 */
export function defineCodec<In, Out = In>(
  definition: CodecDefinition<In, Out>,
): Codec<In, Out> {
  const { name, reader, encoder } = definition;
  return codecOf(
    name,
    (input) => new ReaderDecoder(reader(), input),
    typeof encoder === "function" ? encoder : () => encoder,
  );
}

/**
 * Makes a codec from its decoder and encoder: `decode` and `encode` use the
 * same two as streams.
 */
export function codecOf<In, Out>(
  name: string,
  decoder: (input?: ByteQueue) => Decoder<Out>,
  encoder: () => Encoder<In>,
): Codec<In, Out> {
  return {
    name,
    decoder,
    encoder,
    decode(bytes: Uint8Array): Out[] {
      const whole = decoder();
      whole.push(bytes);
      whole.end();
      const frames: Out[] = [];
      for (
        let frame = whole.next();
        frame !== undefined;
        frame = whole.next()
      ) frames.push(frame);
      return frames;
    },
    encode(frame: In): Uint8Array<ArrayBuffer> {
      const output = new ByteWriter();
      encoder().encode(frame, output);
      const { length } = output;
      const buffer = output.takeBuffer();
      // Exactly these bytes: the caller may keep them, or use their `buffer`.
      const bytes = buffer.slice(0, length);
      release(buffer, length);
      return bytes;
    },
  };
}

class ReaderDecoder<T> implements Decoder<T> {
  readonly #input: ByteQueue;
  readonly #reader: FrameReader<T>;
  #failure: unknown;
  #ended = false;
  #frameOffset = 0;

  constructor(reader: FrameReader<T>, input: ByteQueue = new ByteQueue()) {
    this.#reader = reader;
    this.#input = input;
  }

  get bufferedBytes(): number {
    return this.#input.heldLength;
  }

  get pendingBytes(): number {
    return this.#input.pendingLength;
  }

  get frameOffset(): number {
    return this.#frameOffset;
  }

  push(chunk: Uint8Array): void {
    if (this.#ended) {
      throw new TypeError("Cannot push bytes: the decoder has been ended");
    }
    // No frame follows a failure, so later chunks are not kept.
    if (this.#failure === undefined) this.#input.push(chunk);
  }

  next(): T | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const input = this.#input;
    try {
      let frame = this.#reader.read(input);
      if (frame === undefined) {
        // The reader may need more than it asked for.
        while (frame === undefined && input.join()) {
          frame = this.#reader.read(input);
        }
        if (frame === undefined && this.#ended) {
          frame = this.#reader.finish(input);
        }
        if (frame === undefined) return undefined;
      }
      const { frameOffset, offset } = input;
      if (offset === frameOffset) throw frameOfNoBytes();
      this.#frameOffset = frameOffset;
      input.endFrame();
      return frame;
    } catch (error) {
      addOffset(error, input.frameOffset);
      this.#failure = error;
      throw error;
    }
  }

  end(): void {
    this.#ended = true;
  }

  takeUnread(atMost: number = Infinity): Uint8Array {
    return this.#input.takeUnread(atMost);
  }
}

/** A reader that takes no bytes would return frames forever. */
function frameOfNoBytes(): TypeError {
  return new TypeError(
    "Cannot hand out a frame: the reader returned one and took no bytes",
  );
}
