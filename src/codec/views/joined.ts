import { checkCount } from "../../checks.ts";
import { MAX_FRAME_LENGTH } from "../../defaults.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { tooLarge, truncated } from "../bytes/limits.ts";
import { checkCodec } from "../check_codec.ts";
import { codecOf } from "../define_codec.ts";
import { describeCodec } from "../description.ts";
import { DecoderView, inputIgnored, madeNothing } from "./decoder_view.ts";
import { sharedEncoder } from "./shared_encoder.ts";
import type { Codec, Decoder, Encoder } from "../types.ts";

/**
 * How messages become frames, and frames messages.
 *
 * @typeParam Frame A frame of the inner codec.
 * @typeParam Message What is handed out.
 */
export interface JoinedOptions<Frame, Message> {
  /** Whether more frames of the same message follow this one. */
  more: (frame: Frame) => boolean;
  /** Returns the part of the message that is in a frame. */
  payload: (frame: Frame) => Uint8Array;
  /**
   * Whether a frame is no part of a message of several frames and may come between
   * two of them, like the control frames of WebSocket: it becomes a message at once.
   *
   * @default {() => false}
   */
  alone?: (frame: Frame) => boolean;
  /**
   * Makes the message to hand out, of all the payloads and the first frame. Without
   * it, the payloads are the message. `undefined` is refused with a `TypeError`.
   */
  join?: (payload: Uint8Array, first: Frame) => Message;
  /**
   * Returns the frames of a message to encode: one or more. {@linkcode pieces} cuts
   * its bytes.
   */
  split: (message: Message) => Iterable<Frame>;
  /**
   * The maximum length of all payloads of a message together, in bytes. The decoder
   * refuses the message at the frame that passes it. The encoder refuses the same
   * messages.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
}

/**
 * Messages of one or more frames, which are joined.
 *
 * The limit of the inner codec bounds each frame, the limit of this one the whole
 * message. The inner codec must not skip frames: their part of the message would be
 * missing. Frames that have been joined are no longer unread: `takeUnread` inside of a
 * message drops them.
 *
 * @example A first byte that says whether more follows
 * ```ts
 * import { joined, lengthPrefixed, pieces } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = joined(lengthPrefixed({ lengthBytes: 1 }), {
 *   more: (frame) => frame[0] === 1,
 *   payload: (frame) => frame.subarray(1),
 *   split: (message: Uint8Array) =>
 *     pieces(message, 2).map((piece, i, { length }) =>
 *       Uint8Array.of(i + 1 < length ? 1 : 0, ...piece)
 *     ),
 * });
 * const message = Uint8Array.of(7, 8, 9);
 * const bytes = Uint8Array.of(3, 1, 7, 8, 2, 0, 9);
 * assertEquals(codec.encode(message), bytes);
 * assertEquals(codec.decode(bytes), [message]);
 * ```
 *
 * Errors of its frames: those of the inner codec, `FRAME_TOO_LARGE`, and
 * `FRAME_TRUNCATED` if the stream ends inside of a message, both with the offset of
 * its first frame.
 *
 * @param codec The codec of the frames.
 * @param options What the frames of a message are.
 * @returns The codec of the messages.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function joined<Frame, Message = Uint8Array>(
  codec: Codec<Frame>,
  options: JoinedOptions<Frame, Message>,
): Codec<Message> {
  checkCodec(codec);
  // Functions make the codec, so it has no description.
  describeCodec("joined", options, [
    "more",
    "payload",
    "alone",
    "join",
    "split",
    "maxFrameLength",
  ]);
  const {
    alone = () => false,
    // Without `join`, messages are bytes.
    join = (payload) => payload as Message,
    maxFrameLength = MAX_FRAME_LENGTH,
  } = options;
  checkCount("maxFrameLength", maxFrameLength, 0);
  const format = {
    ...options,
    alone,
    join,
    maxFrameLength,
    inner: codec.name,
  };
  return codecOf(
    `joined(${codec.name})`,
    (input = new ByteQueue()) =>
      new JoiningDecoder(codec.decoder(input), input, format),
    sharedEncoder(codec, (inner) => new SplittingEncoder(inner, format)),
  );
}

/**
 * Cuts bytes into pieces of at most `maxLength` bytes, all but the last one of
 * exactly so many. No bytes are one empty piece.
 *
 * @example
 * ```ts
 * import { pieces } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   pieces(Uint8Array.of(1, 2, 3), 2),
 *   [Uint8Array.of(1, 2), Uint8Array.of(3)],
 * );
 * ```
 *
 * @param bytes The bytes.
 * @param maxLength The maximum length of a piece, at least 1.
 * @returns The pieces, which are views.
 * @throws {RangeError} If the maximum is not a whole number from 1 on.
 */
export function pieces(bytes: Uint8Array, maxLength: number): Uint8Array[] {
  checkCount("maxLength", maxLength, 1);
  const count = Math.max(1, Math.ceil(bytes.length / maxLength));
  return Array.from(
    { length: count },
    (_, i) => bytes.subarray(i * maxLength, (i + 1) * maxLength),
  );
}

interface JoinedFormat<Frame, Message>
  extends Required<JoinedOptions<Frame, Message>> {
  /** The name of the inner codec. */
  readonly inner: string;
}

class JoiningDecoder<Frame, Message> extends DecoderView<Frame, Message> {
  readonly #input: ByteQueue;
  readonly #format: JoinedFormat<Frame, Message>;
  /** The first frame of the current message, once it is known that more follow. */
  #first: Frame | undefined;
  /** The offset in the stream at which it began. */
  #start = 0;
  /** The payloads so far. */
  #payload = new ByteWriter();
  #frameOffset = 0;

  constructor(
    inner: Decoder<Frame>,
    input: ByteQueue,
    format: JoinedFormat<Frame, Message>,
  ) {
    super(inner);
    this.#input = input;
    this.#format = format;
  }

  override get bufferedBytes(): number {
    return this.inner.bufferedBytes + this.#payload.length;
  }

  override get pendingBytes(): number {
    if (this.#first === undefined) return this.inner.pendingBytes;
    return this.#input.offset + this.#input.heldLength - this.#start;
  }

  override get frameOffset(): number {
    return this.#frameOffset;
  }

  protected override read(): Message | undefined {
    const { inner } = this;
    const { alone, payload } = this.#format;
    for (
      let frame = inner.next();
      frame !== undefined;
      frame = inner.next()
    ) {
      if (alone(frame)) {
        this.#frameOffset = inner.frameOffset;
        return this.#join(payload(frame), frame);
      }
      const message = this.#add(frame);
      if (message !== undefined) return message;
    }
    // In `choose`, the bytes of the next frame may be out of sight.
    const isOver = this.ended && inner.bufferedBytes === 0;
    if (isOver && this.#first !== undefined) {
      throw truncated(
        this.#start,
        "the last frame of the message",
        `the end of the stream after ${this.pendingBytes} bytes`,
      );
    }
    return undefined;
  }

  /** Adds a frame to the message, and returns the message if it is the last one. */
  #add(frame: Frame): Message | undefined {
    const { more, payload, maxFrameLength } = this.#format;
    if (this.#first === undefined) this.#start = this.inner.frameOffset;
    const part = payload(frame);
    if (this.#payload.length + part.length > maxFrameLength) {
      throw tooLarge(maxFrameLength, undefined, this.#start);
    }
    if (more(frame)) {
      if (this.#input.offset === 0) throw inputIgnored(this.#format.inner);
      this.#first ??= frame;
      this.#payload.write(part);
      return undefined;
    }
    this.#frameOffset = this.#start;
    // The message of a single frame is not copied.
    if (this.#first === undefined) return this.#join(part, frame);
    const first = this.#first;
    this.#first = undefined;
    this.#payload.write(part);
    return this.#join(this.#payload.take(), first);
  }

  #join(payload: Uint8Array, first: Frame): Message {
    const { join, inner } = this.#format;
    const message = join(payload, first);
    if (message === undefined) throw madeNothing(`join of joined(${inner})`);
    return message;
  }

  override takeUnread(atMost?: number): Uint8Array {
    this.#first = undefined;
    this.#payload = new ByteWriter();
    return super.takeUnread(atMost);
  }
}

class SplittingEncoder<Frame, Message> implements Encoder<Message> {
  readonly #inner: Encoder<Frame>;
  readonly #format: JoinedFormat<Frame, Message>;

  constructor(inner: Encoder<Frame>, format: JoinedFormat<Frame, Message>) {
    this.#inner = inner;
    this.#format = format;
  }

  encode(message: Message, output: ByteWriter): void {
    const at = output.length;
    try {
      this.#encode(message, output);
    } catch (error) {
      output.truncate(at);
      throw error;
    }
  }

  #encode(message: Message, output: ByteWriter): void {
    const { split, payload, more, alone, maxFrameLength } = this.#format;
    let length = 0;
    let open = true;
    for (const frame of split(message)) {
      if (!open) throw splitWrongly();
      length += payload(frame).length;
      if (length > maxFrameLength) throw tooLarge(maxFrameLength, length);
      this.#inner.encode(frame, output);
      open = !alone(frame) && more(frame);
    }
    if (open) throw splitWrongly();
  }
}

/** A decoder would not read these frames as one message. */
function splitWrongly(): TypeError {
  return new TypeError(
    "Cannot encode a message: expected frames of split of which all but the last say that more follow",
  );
}
