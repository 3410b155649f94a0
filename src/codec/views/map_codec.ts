import type { ByteWriter } from "../bytes/byte_writer.ts";
import { checkCodec } from "../check_codec.ts";
import { codecOf } from "../define_codec.ts";
import { DecoderView, madeNothing } from "./decoder_view.ts";
import { sharedEncoder } from "./shared_encoder.ts";
import { type Recovery, recovery, Refused } from "../bytes/recovery.ts";
import { addOffset, FrameError } from "../errors.ts";
import type { Codec, Decoder, Encoder, RecoveryOptions } from "../types.ts";

/** The two directions of {@linkcode mapCodec}. */
export interface CodecMapping<InnerIn, InnerOut, In, Out>
  extends RecoveryOptions {
  /** The name of the format. */
  name: string;
  /**
   * Turns a frame of the inner codec into what is handed out. Throws a
   * `FrameError` where that is not possible: with `onInvalid: "skip"`, that frame
   * alone is passed over, since the next one begins where the inner codec says.
   * `undefined` is refused with a `TypeError`, which ends the stream.
   */
  decode(frame: InnerOut, offset: number): Out;
  /**
   * Turns what is given into a frame of the inner codec, or throws a
   * `FrameError`.
   */
  encode(frame: In): InnerIn;
}

/**
 * Converts the frames of a codec to and from another type.
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
  checkCodec(codec);
  const invalid = recovery(mapping);
  return codecOf(
    mapping.name,
    (input) => new MappedDecoder(codec.decoder(input), mapping, invalid),
    encoderOf(codec, mapping),
  );
}

/** The encoders of a mapping. */
export function encoderOf<InnerIn, In>(
  codec: Pick<Codec<InnerIn, unknown>, "encoder">,
  mapping: { encode(frame: In): InnerIn },
): () => Encoder<In> {
  return sharedEncoder(codec, (inner) => new MappedEncoder(inner, mapping));
}

class MappedEncoder<InnerIn, In> implements Encoder<In> {
  readonly #inner: Encoder<InnerIn>;
  readonly #mapping: { encode(frame: In): InnerIn };

  constructor(
    inner: Encoder<InnerIn>,
    mapping: { encode(frame: In): InnerIn },
  ) {
    this.#inner = inner;
    this.#mapping = mapping;
  }

  encode(frame: In, output: ByteWriter): void {
    this.#inner.encode(this.#mapping.encode(frame), output);
  }
}

/** The part of a mapping that the decoder uses. */
export interface Mapping<InnerOut, Out> {
  readonly name: string;
  decode(frame: InnerOut, offset: number): Out;
}

/** The decoder of a mapping. */
export class MappedDecoder<InnerOut, Out> extends DecoderView<InnerOut, Out> {
  readonly #mapping: Mapping<InnerOut, Out>;
  readonly #invalid: Recovery;

  constructor(
    inner: Decoder<InnerOut>,
    mapping: Mapping<InnerOut, Out>,
    invalid: Recovery,
  ) {
    super(inner);
    this.#mapping = mapping;
    this.#invalid = invalid;
  }

  protected override read(): Out | undefined {
    const { inner } = this;
    for (
      let frame = inner.next();
      frame !== undefined;
      frame = inner.next()
    ) {
      try {
        const mapped = this.#mapping.decode(frame, inner.frameOffset);
        if (mapped !== undefined) return mapped;
        throw madeNothing(`the mapping of ${this.#mapping.name}`);
      } catch (error) {
        this.#refuse(error, frame);
      }
    }
    return undefined;
  }

  /** Ends the stream with an error, unless its frame can be passed over. */
  #refuse(error: unknown, frame: InnerOut): void {
    const bytes = frame instanceof Uint8Array ? frame : undefined;
    if (error instanceof Refused) {
      return this.#invalid.refuse(error.refusal, bytes);
    }
    if (!(error instanceof FrameError)) throw error;
    addOffset(error, this.inner.frameOffset);
    this.#invalid.refuse(() => error, bytes);
  }
}
