import type { ByteWriter } from "../bytes/byte_writer.ts";
import { codecOf } from "../define_codec.ts";
import type { Codec, Decoder } from "../types.ts";

/** What {@linkcode mapCodec} puts around a codec. */
export interface CodecMapping<InnerIn, InnerOut, In, Out> {
  /** The name of the format. */
  name: string;
  /**
   * Makes of a frame of the inner codec what is handed out: never `undefined`.
   * Throws a `FrameError` with the `offset` where that cannot be.
   */
  decode(frame: InnerOut, offset: number): Out;
  /**
   * Makes of what is given a frame of the inner codec, or throws a
   * `FrameError`.
   */
  encode(frame: In): InnerIn;
}

/**
 * Puts a view over a codec: its frames are handed out, and given, as something
 * else.
 *
 * @example Frames of one 32-bit number each
 * ```ts
 * import { fixedLength, mapCodec } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = mapCodec(fixedLength({ frameLength: 4 }), {
 *   name: "numbers",
 *   decode: (frame) =>
 *     new DataView(frame.buffer, frame.byteOffset, 4).getInt32(0),
 *   encode: (value: number) => {
 *     const frame = new Uint8Array(4);
 *     new DataView(frame.buffer).setInt32(0, value);
 *     return frame;
 *   },
 * });
 * assertEquals(numbers.encode(-2), Uint8Array.of(255, 255, 255, 254));
 * assertEquals(numbers.decode(Uint8Array.of(0, 0, 0, 7)), [7]);
 * ```
 *
 * @param codec The inner codec.
 * @param mapping The two directions.
 * @returns The codec of the view.
 */
export function mapCodec<InnerIn, InnerOut, In, Out>(
  codec: Codec<InnerIn, InnerOut>,
  mapping: CodecMapping<InnerIn, InnerOut, In, Out>,
): Codec<In, Out> {
  return codecOf(
    mapping.name,
    () => new MappedDecoder(codec.decoder(), mapping),
    () => {
      const encoder = codec.encoder();
      return {
        encode(frame: In, output: ByteWriter) {
          encoder.encode(mapping.encode(frame), output);
        },
      };
    },
  );
}

class MappedDecoder<InnerOut, Out> implements Decoder<Out> {
  readonly #inner: Decoder<InnerOut>;
  readonly #mapping: { decode(frame: InnerOut, offset: number): Out };
  #failure: unknown;

  constructor(
    inner: Decoder<InnerOut>,
    mapping: { decode(frame: InnerOut, offset: number): Out },
  ) {
    this.#inner = inner;
    this.#mapping = mapping;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  get pendingBytes(): number {
    return this.#inner.pendingBytes;
  }

  get frameOffset(): number {
    return this.#inner.frameOffset;
  }

  push(chunk: Uint8Array): void {
    if (this.#failure === undefined) this.#inner.push(chunk);
  }

  next(): Out | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const frame = this.#inner.next();
    if (frame === undefined) return undefined;
    try {
      return this.#mapping.decode(frame, this.#inner.frameOffset);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  end(): void {
    this.#inner.end();
  }

  takeUnread(atMost?: number): Uint8Array {
    return this.#inner.takeUnread(atMost);
  }
}
