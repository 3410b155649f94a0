import type { FrameError } from "./errors.ts";
import type { ByteQueue } from "./bytes/byte_queue.ts";
import type { ByteWriter } from "./bytes/byte_writer.ts";

/**
 * A frame format: it encodes messages of type `In` to bytes and decodes bytes
 * to messages of type `Out`. A codec is immutable, so any number of streams can
 * share one.
 *
 * @typeParam In What the encoder takes.
 * @typeParam Out What the decoder yields.
 */
export interface Codec<In, Out = In> {
  /** The name of the format, for messages and logs. */
  readonly name: string;
  /**
   * Makes a decoder: one for each byte stream.
   *
   * @param input The bytes of the stream, where several decoders take turns, as in
   * {@linkcode choose}. By default, a decoder has its own.
   */
  decoder(input?: ByteQueue): Decoder<Out>;
  /**
   * Returns an encoder for one byte stream. An encoder without state may be
   * shared: then the same one is returned each time, and what it encodes once
   * can be sent on every stream.
   */
  encoder(): Encoder<In>;
  /**
   * Decodes an input that is all there.
   *
   * @throws {FrameError} If the input is not a sequence of whole frames.
   */
  decode(bytes: Uint8Array): Out[];
  /**
   * Encodes one frame.
   *
   * @throws {FrameError} Where the format cannot carry the frame.
   */
  encode(frame: In): Uint8Array<ArrayBuffer>;
  /** What the codec is made of, where it is known. */
  readonly description?: CodecDescription | undefined;
}

/** What a codec is made of, so that it can be written down. */
export interface CodecDescription {
  /**
   * The function that made the codec, such as `"lengthPrefixed"`; `"preset:kafka"` for
   * one of the presets.
   */
  readonly kind: string;
  /** What it was given: its options without callbacks. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The codec that it is laid over, or that a preset is made of. */
  readonly over?: CodecDescription;
}

/**
 * Turns one byte stream into frames. `push` takes chunks, however the bytes
 * were cut. `next` returns one frame at a time, so the frames before a bad one
 * always arrive, and a consumer can stop after any frame.
 *
 * @typeParam T What a frame is decoded to.
 */
export interface Decoder<T> {
  /**
   * Takes the next chunk of the stream. It never throws because of what the
   * bytes are. The decoder keeps the chunk by reference, and frames can be
   * views of it: do not write to the chunk, and do not transfer its buffer.
   *
   * @throws {TypeError} After `end`, and if it is not bytes.
   */
  push(chunk: Uint8Array | ArrayBuffer | ArrayBufferView): void;
  /**
   * Returns the next frame, or `undefined` if it has not arrived completely.
   *
   * @throws {FrameError} If the next bytes are not a frame. From then on, every
   * call throws the same error.
   */
  next(): T | undefined;
  /**
   * Tells the decoder that the stream has ended. `next` then returns the frames
   * that are left, and throws if the stream ended inside a frame.
   */
  end(): void;
  /**
   * Removes and returns the bytes behind the last frame returned: all of them,
   * or at most `atMost`. Use it to hand them to another decoder when the format
   * changes mid-stream, or to read raw bytes. It cannot return bytes of an
   * oversized frame that the decoder has already skipped.
   */
  takeUnread(atMost?: number): Uint8Array;
  /**
   * How many bytes the decoder holds that belong to no frame returned so far.
   */
  readonly bufferedBytes: number;
  /**
   * How many bytes of the next, incomplete frame have arrived: those that the
   * decoder holds, and those of an oversized frame that it has skipped.
   */
  readonly pendingBytes: number;
  /**
   * The byte offset in the stream at which the last frame returned began; 0
   * before the first frame.
   */
  readonly frameOffset: number;
}

/**
 * The part of a decoder that knows the format: it finds the frames in the bytes
 * that have arrived. What it knows of an incomplete frame it keeps itself, or looks
 * at the bytes again. Formats of several parts, and nested ones, are easier to read
 * with a generator: see {@linkcode defineCodec}.
 *
 * @typeParam T What a frame is decoded to.
 */
export interface FrameReader<T> {
  /**
   * Takes the next frame from `input`, or returns `undefined` and leaves the
   * bytes there if the frame is incomplete. Throws a `FrameError` where the
   * bytes cannot be a frame. Every frame must take at least one byte: the
   * decoder refuses one that takes none with a `TypeError`. A reader that skips a
   * frame calls `input.endFrame()` behind it.
   */
  read(input: ByteQueue): T | undefined;
  /**
   * The decoder calls it when the stream has ended and `read` finds no more
   * frames. It returns a last frame made of the bytes left, or `undefined` if
   * the end is clean, or throws a `FrameError`.
   */
  finish(input: ByteQueue): T | undefined;
}

/**
 * A part of a frame that is being read, or a whole frame: a generator that waits
 * with `yield` for bytes that have not arrived. `yield*` gives its result.
 *
 * @typeParam T What is read.
 */
export type FrameRead<T> = Generator<void, T, void>;

/**
 * The bytes of one frame in their order, for a generator that reads it. Each read
 * begins where the last one ended, and only when `yield*` asks for its result.
 */
export interface FrameInput {
  /** How many bytes of the frame have been read. */
  readonly length: number;
  /** A view of the bytes of the frame that have been read, from `from` on. */
  view(from?: number): Uint8Array;
  /**
   * Reads an unsigned integer of `byteCount` bytes, big-endian by default. Past
   * 2^53 it is rounded.
   */
  uint(byteCount: number, littleEndian?: boolean): FrameRead<number>;
  /**
   * Reads `length` bytes, as a view of the chunk in which they arrived: use `slice`
   * if a small part is kept for long.
   *
   * @throws {FrameError} `FRAME_TOO_LARGE` if the limit on frames does not allow so
   * many more bytes, and `LENGTH_INVALID` if `length` is no whole number from 0 on.
   */
  bytes(length: number): FrameRead<Uint8Array>;
  /** Passes over `length` bytes: `bytes` without a view. */
  skip(length: number): FrameRead<void>;
  /**
   * Reads the bytes before the next `delimiter`, a string as UTF-8, as a view, and
   * passes over the delimiter. Of several delimiters, the one that begins first
   * counts, or the longest that begins there; `view` shows which one it was.
   *
   * @throws {FrameError} `FRAME_TOO_LARGE` if there is none behind at most
   * `maxLength` bytes, or none within the limit on frames.
   */
  until(
    delimiter: string | readonly string[],
    maxLength?: number,
  ): FrameRead<Uint8Array>;
  /**
   * Reads a part that may have parts of its own kind within it, such as a list in a
   * list. It is `yield* part` with a limit on how deep such parts are, and costs the
   * same at any depth.
   *
   * @throws {FrameError} `FRAME_TOO_LARGE` if they are deeper than `maxDepth`.
   */
  nested<T>(part: FrameRead<T>): FrameRead<T>;
}

/**
 * Turns frames into the bytes of one byte stream.
 *
 * @typeParam T What is encoded.
 */
export interface Encoder<T> {
  /**
   * Appends one frame to `output`, or throws and appends nothing.
   *
   * @throws {FrameError} Where the format cannot carry the frame.
   */
  encode(frame: T, output: ByteWriter): void;
}

/** The size limit of frames, and what the decoder does with larger ones. */
export interface FrameLimitOptions {
  /**
   * The maximum length of a frame in bytes, without header and delimiter unless
   * they are handed out. The decoder checks it as soon as the length is known,
   * before it buffers the body. The encoder refuses the same frames, unless
   * `maxEncodedLength` says otherwise.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
  /**
   * The maximum length of a frame that the encoder takes, for peers whose own limit is
   * another than that on what they send.
   *
   * @default {maxFrameLength}
   */
  maxEncodedLength?: number;
  /**
   * What the decoder does with an oversized frame: `"error"` ends the stream
   * with a `FRAME_TOO_LARGE` error, `"skip"` discards the frame and continues
   * with the next.
   *
   * @default {"error"}
   */
  onOversize?: "error" | "skip";
  /**
   * The decoder calls it once for each frame that it skips, with the error that would
   * have ended the stream. If it throws, the stream ends with what it throws.
   */
  onSkip?: (error: FrameError) => void;
}

/** What the decoder does with frames that are not valid, for noisy lines. */
export interface RecoveryOptions {
  /**
   * What the decoder does with a frame that is not valid: `"error"` ends the stream
   * with its error, `"skip"` passes the frame over and continues with the next. A
   * stream that ends inside a frame is an error in any case.
   *
   * @default {"error"}
   */
  onInvalid?: "error" | "skip";
  /**
   * The decoder calls it once for each frame that it passes over, with the error that
   * would have ended the stream. If it throws, the stream ends with what it throws.
   */
  onSkip?: (error: FrameError) => void;
}

/** The size limit of headers, in formats whose headers are text. */
export interface HeaderLimitOptions {
  /**
   * The maximum length of a header in bytes; `maxFrameLength` does not include
   * it. A longer header ends the stream with `FRAME_TOO_LARGE`, whatever
   * `onOversize` is: the decoder cannot know where that frame ends.
   *
   * @default {8_192}
   */
  maxHeaderLength?: number;
}

/** How the decoder hands out frames of bytes. */
export interface ByteFrameOptions {
  /**
   * Whether every frame is a copy. By default, a frame that arrived in one
   * chunk is a view of that chunk: nothing is copied, but the frame keeps the
   * whole chunk in memory. Use copies if small frames are kept for long.
   *
   * @default {false}
   */
  copy?: boolean;
}

/** A digest. It detects accidental changes and gives no security. */
export interface Digest {
  /** The name, such as `"sha-256"`. */
  readonly name: string;
  /** Computes the digest, in lower-case hexadecimal. */
  compute(bytes: Uint8Array): string;
}

/** A checksum. `@framewire/framewire/algorithms` has ready ones. */
export interface Checksum {
  /** The length of the checksum in bytes. */
  readonly length: number;
  /**
   * Computes the checksum, `length` bytes long, of a frame without its checksum. It
   * can leave out bytes of the frame that the checksum does not cover.
   */
  compute(bytes: Uint8Array): Uint8Array;
}
