import type { ByteQueue } from "../bytes/byte_queue.ts";
import { type Recovery, recovery, Refused } from "../bytes/recovery.ts";
import { causeOf, TextRun, utf8Of } from "../bytes/text_run.ts";
import { codecOf } from "../define_codec.ts";
import type { FrameError } from "../errors.ts";
import type { Codec, Decoder, RecoveryOptions } from "../types.ts";
import { encoderOf, MappedDecoder, type Mapping } from "./map_codec.ts";

/** The two directions of {@linkcode mapText}. */
export interface TextMapping<In, Out> extends RecoveryOptions {
  readonly name: string;
  /** The decoder of frames, one for all streams. */
  readonly decoder: TextDecoder;
  /** The error of a frame that the decoder refuses. */
  invalid(cause: unknown, offset: number): FrameError;
  /** Turns the text of a frame into what is handed out, or throws a `FrameError`. */
  decode(text: string, offset: number): Out;
  /** Turns what is given into the text of a frame, or throws a `FrameError`. */
  encode(value: In): string;
}

/** Converts frames of text in UTF-8 to and from another type. */
export function mapText<In, Out>(
  codec: Codec<Uint8Array>,
  mapping: TextMapping<In, Out>,
): Codec<In, Out> {
  const { name, decoder } = mapping;
  const invalid = recovery(mapping);
  const decoderOf = (input?: ByteQueue) => {
    const run = new TextRun(decoder);
    const decode = (frame: Uint8Array, offset: number): Out => {
      const text = run.textOf(frame);
      if (text !== undefined) return mapping.decode(text, offset);
      throw new Refused(() => mapping.invalid(causeOf(frame, decoder), offset));
    };
    const inner = codec.decoder(input);
    return new TextDecoderView(inner, { name, decode }, invalid, run);
  };
  const encode = (value: In) => utf8Of(mapping.encode(value));
  return codecOf(name, decoderOf, encoderOf(codec, { encode }));
}

/** Shows the chunks of the stream to the run before their frames are read. */
class TextDecoderView<Out> extends MappedDecoder<Uint8Array, Out> {
  readonly #run: TextRun;

  constructor(
    inner: Decoder<Uint8Array>,
    mapping: Mapping<Uint8Array, Out>,
    invalid: Recovery,
    run: TextRun,
  ) {
    super(inner, mapping, invalid);
    this.#run = run;
  }

  override push(chunk: Uint8Array): void {
    this.#run.push(chunk);
    super.push(chunk);
  }

  override next(): Out | undefined {
    const value = super.next();
    if (value === undefined) this.#run.release();
    return value;
  }
}
