import { ByteQueue } from "../codec/bytes/byte_queue.ts";
import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { codecOf } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, Decoder, Encoder } from "../codec/types.ts";
import { DecoderView } from "../codec/views/decoder_view.ts";
import { addBytes } from "./error_at.ts";

/** A frame, and how it was on the wire. */
export interface WireFrame {
  /** Where it began in its stream, in bytes. */
  readonly offset: number;
  /** All its bytes: headers and delimiters too. None where they are not kept. */
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
 *
 * @param keepsBytes Whether frames have their bytes. To keep them costs time.
 */
export function wireCodec(
  codec: Codec<unknown>,
  keepsBytes: boolean = true,
): Codec<unknown, WireFrame> {
  return codecOf(
    codec.name,
    () =>
      new WireDecoder(
        codec.decoder(),
        keepsBytes ? new ByteQueue() : undefined,
      ),
    () => new WireEncoder(codec.encoder()),
  );
}

class WireDecoder extends DecoderView<unknown, WireFrame> {
  /** What was pushed, from the end of the last frame on. */
  readonly #held: ByteQueue | undefined;
  #heldFrom = 0;

  constructor(inner: Decoder<unknown>, held: ByteQueue | undefined) {
    super(inner);
    this.#held = held;
  }

  override push(chunk: Uint8Array): void {
    super.push(chunk);
    this.#held?.push(chunk);
  }

  protected override read(): WireFrame | undefined {
    const { inner } = this;
    const value = this.#next();
    if (value === undefined) return undefined;
    const offset = inner.frameOffset;
    const held = this.#held;
    if (held === undefined) return { offset, bytes: NOTHING, value };
    // The decoder may have passed over bytes in front of the frame.
    held.skip(offset - this.#heldFrom);
    const bytes = held.take(held.length - inner.bufferedBytes);
    this.#heldFrom = offset + bytes.length;
    return { offset, bytes, value };
  }

  /** The next frame of the codec. Its error gets the first bytes of the bad frame. */
  #next(): unknown {
    const { inner } = this;
    try {
      return inner.next();
    } catch (error) {
      const held = this.#held;
      if (held !== undefined) {
        addBytes(error, held.peek(held.length), this.#heldFrom);
      } else if (error instanceof FrameError) {
        // Where the content is not what is wrong, the decoder has taken none of them.
        addBytes(error, inner.takeUnread(MOST_UNREAD), error.offset ?? 0);
      }
      throw error;
    }
  }

  override takeUnread(atMost?: number): Uint8Array {
    const bytes = super.takeUnread(atMost);
    this.#held?.skip(bytes.length);
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

const NOTHING = new Uint8Array();

/** So many bytes tell the likely cause of an error. */
const MOST_UNREAD = 64;
