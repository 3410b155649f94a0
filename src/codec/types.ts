import type { FrameError } from "./errors.ts";
import type { ByteQueue } from "./bytes/byte_queue.ts";
import type { ByteWriter } from "./bytes/byte_writer.ts";

/**
 * A frame format: how messages of type `In` become bytes, and bytes messages of
 * type `Out`. A codec is immutable: one can be shared by any number of streams.
 *
 * @typeParam In What the encoder takes.
 * @typeParam Out What the decoder yields.
 */
export interface Codec<In, Out = In> {
  /** The name of the format, for messages and logs. */
  readonly name: string;
  /** Makes a decoder: one for each byte stream. */
  decoder(): Decoder<Out>;
  /** Makes an encoder: one for each byte stream. */
  encoder(): Encoder<In>;
  /**
   * Decodes a whole input at once.
   *
   * @throws {FrameError} Where the input is not made of whole frames.
   */
  decode(bytes: Uint8Array): Out[];
  /**
   * Encodes one frame.
   *
   * @throws {FrameError} Where the format cannot carry the frame.
   */
  encode(frame: In): Uint8Array<ArrayBuffer>;
}

/**
 * Turns one byte stream into frames. Bytes go in with `push`, however they were
 * cut; frames are pulled out with `next`, so that the frames before a bad one
 * always arrive and a consumer can stop after any of them.
 *
 * @typeParam T What a frame is decoded to.
 */
export interface Decoder<T> {
  /**
   * Takes the next bytes of the stream. Never throws for their content. The
   * chunk is kept by reference, and frames can be views of it: do not write to
   * it, and do not transfer its buffer.
   *
   * @throws {TypeError} After `end`.
   */
  push(chunk: Uint8Array): void;
  /**
   * The next whole frame, or `undefined` when it has not arrived yet.
   *
   * @throws {FrameError} When what comes next is not a frame; from then on,
   * every call throws the same error.
   */
  next(): T | undefined;
  /**
   * Says that no more bytes will come. After it, `next` yields what is left and
   * throws where that ends inside a frame.
   */
  end(): void;
  /**
   * Takes back the bytes after the last frame returned, to hand them to another
   * decoder when the format changes mid-stream, or to use them as they are: all
   * of them, or at most so many. Not in the middle of a frame that is passed
   * over: what is gone is gone.
   */
  takeUnread(atMost?: number): Uint8Array;
  /** How many bytes are held that no frame returned has used up yet. */
  readonly bufferedBytes: number;
  /**
   * How many bytes have arrived of the frame that is not whole yet: those held,
   * and those of a frame over the limit that are passed over.
   */
  readonly pendingBytes: number;
  /**
   * The position in the byte stream at which the last frame returned began, in
   * bytes; 0 before the first.
   */
  readonly frameOffset: number;
}

/**
 * The heart of a decoder: finds the frames in the bytes that have arrived.
 *
 * @typeParam T What a frame is decoded to.
 */
export interface FrameReader<T> {
  /**
   * Takes the next whole frame from `input`, or returns `undefined` and leaves
   * the bytes there when it is not whole yet. Throws a `FrameError` where the
   * bytes cannot be a frame.
   */
  read(input: ByteQueue): T | undefined;
  /**
   * Is called when no more bytes will come and `read` found no whole frame.
   * Takes what is left for a last frame, or returns `undefined` at a clean end,
   * or throws a `FrameError`.
   */
  finish(input: ByteQueue): T | undefined;
}

/**
 * Turns frames into the bytes of one byte stream.
 *
 * @typeParam T What is encoded.
 */
export interface Encoder<T> {
  /**
   * Writes one frame to `output`, or throws and writes nothing.
   *
   * @throws {FrameError} Where the format cannot carry the frame.
   */
  encode(frame: T, output: ByteWriter): void;
}

/** What the size of a frame may be, and what to do with a larger one. */
export interface FrameLimitOptions {
  /**
   * The most bytes that a frame may have as it is delivered. The decoder checks
   * it as soon as the length is known and before it keeps any of the body; the
   * encoder refuses what the decoder would.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
  /**
   * What the decoder does with a frame over the limit: `"error"` ends the
   * stream with a `FRAME_TOO_LARGE` error, `"skip"` passes the frame over and
   * goes on with the next.
   *
   * @default {"error"}
   */
  onOversize?: "error" | "skip";
  /**
   * With `onOversize: "skip"`: is called once for every frame passed over.
   * It must not throw: what it throws ends the stream.
   */
  onSkip?: (error: FrameError) => void;
}

/** How large the header of a frame may be, in formats whose headers are text. */
export interface HeaderLimitOptions {
  /**
   * The most bytes that a header may have. `maxFrameLength` does not count it. A
   * header over it ends the stream with `FRAME_TOO_LARGE`, whatever `onOversize`
   * says: where its frame would end is not known.
   *
   * @default {8_192}
   */
  maxHeaderLength?: number;
}

/** How frames of bytes are handed out. */
export interface ByteFrameOptions {
  /**
   * Whether every frame is a copy of its own. By default, a frame is a view of
   * the chunk it came in, where it came in one piece: nothing is copied, but
   * the whole chunk stays in memory as long as the frame does. Ask for copies
   * when small frames are kept for long.
   *
   * @default {false}
   */
  copy?: boolean;
}

/** A digest: guards the integrity of bytes, and is no security. */
export interface Digest {
  /** Its name, such as `"sha-256"`. */
  readonly name: string;
  /** Computes it, in lower-case hexadecimal. */
  compute(bytes: Uint8Array): string;
}
