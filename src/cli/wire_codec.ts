import { ByteQueue } from "../codec/bytes/byte_queue.ts";
import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { codecOf } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, Encoder } from "../codec/types.ts";
import { DecoderView } from "../codec/views/decoder_view.ts";

/** A frame, and how it was on the wire. */
export interface WireFrame {
  /** Where it began in its stream, in bytes. */
  readonly offset: number;
  /** All its bytes: headers and delimiters too. */
  readonly bytes: Uint8Array;
  /** What the codec made of it. */
  readonly value: unknown;
}

/** Bytes that are sent as they are. */
export class WireBytes {
  readonly bytes: Uint8Array;

  /** Marks bytes as those of whole frames. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/**
 * A codec that also says where each frame was and what bytes it had. Its encoder takes
 * frames of the codec, and {@linkcode WireBytes}.
 */
export function wireCodec(
  codec: Codec<unknown>,
): Codec<unknown, WireFrame> {
  return codecOf(
    codec.name,
    () => new WireDecoder(codec.decoder()),
    () => new WireEncoder(codec.encoder()),
  );
}

class WireDecoder extends DecoderView<unknown, WireFrame> {
  /** What was pushed, from the end of the last frame on. */
  readonly #held = new ByteQueue();
  #heldFrom = 0;

  override push(chunk: Uint8Array): void {
    super.push(chunk);
    this.#held.push(chunk);
  }

  protected override read(): WireFrame | undefined {
    const { inner } = this;
    const value = this.#next();
    if (value === undefined) return undefined;
    const offset = inner.frameOffset;
    const held = this.#held;
    // The decoder may have passed over bytes in front of the frame.
    held.skip(offset - this.#heldFrom);
    const bytes = held.take(held.length - inner.bufferedBytes);
    this.#heldFrom = offset + bytes.length;
    return { offset, bytes, value };
  }

  /** The next frame of the codec. Its error gets the first bytes of the bad frame. */
  #next(): unknown {
    try {
      return this.inner.next();
    } catch (error) {
      if (error instanceof FrameError && error.bytes === undefined) {
        const { offset = this.#heldFrom } = error;
        const from = Math.min(offset - this.#heldFrom, this.#held.length);
        const bytes = this.#held.peek(from + 64, from).slice();
        Object.assign(error, { bytes });
      }
      throw error;
    }
  }

  override takeUnread(atMost?: number): Uint8Array {
    const bytes = super.takeUnread(atMost);
    this.#held.skip(bytes.length);
    this.#heldFrom += bytes.length;
    return bytes;
  }
}

class WireEncoder implements Encoder<unknown> {
  readonly #inner: Encoder<unknown>;

  constructor(inner: Encoder<unknown>) {
    this.#inner = inner;
  }

  encode(frame: unknown, output: ByteWriter): void {
    if (frame instanceof WireBytes) output.write(frame.bytes);
    else this.#inner.encode(frame, output);
  }
}
