import { checkOptions } from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import type { Codec, Decoder } from "../codec/types.ts";
import { measure } from "./measure.ts";
import { streamKinds } from "./stream_kinds.ts";
import type { FrameChunk, FrameStreamOptions } from "./types.ts";

/** The number of bytes of frames that completes a batch. It bounds the memory. */
const BATCH_BYTES = 65_536;

/** How many frames are decoded at a time. */
const MOST_AHEAD = 64;

/**
 * How many frames at the start of a stream are decoded one by one: of a greeting
 * before `release`, no frame is decoded that is not read.
 */
const GREETING_FRAMES = 16;

/**
 * The high-water mark in chunks. With 1, a pipe would be paused and resumed at every
 * chunk.
 */
const HIGH_WATER_MARK = 2;

/**
 * A `TransformStream` from bytes to frames, for `pipeThrough`. A chunk may be an
 * `ArrayBuffer` or any view of one, such as a `Uint8Array`.
 *
 * Frames are decoded when one is read: the first 16 one by one, and later ones up to 64
 * of the same chunk at a time. The frames before a bad one are always read before the stream errors with its
 * `FrameError`, and the write of a chunk is done when the frames of the chunk have
 * been read.
 *
 * @example
 * ```ts
 * import { FrameDecoderStream } from "@framewire/framewire/stream";
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const frames = new Blob(["one\ntw", "o\nthree"]).stream()
 *   .pipeThrough(new FrameDecoderStream(lines()));
 * assertEquals(await Array.fromAsync(frames), ["one", "two", "three"]);
 * ```
 *
 * @example The frames that arrived together, as arrays
 * ```ts
 * import { FrameDecoderStream } from "@framewire/framewire/stream";
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const batches = new Blob(["one\ntwo\n"]).stream()
 *   .pipeThrough(new FrameDecoderStream(lines(), { batches: true }));
 * assertEquals(await Array.fromAsync(batches), [["one", "two"]]);
 * ```
 *
 * @typeParam Out The type of a decoded frame.
 * @typeParam Batches Whether a chunk is an array of frames.
 */
export class FrameDecoderStream<Out, Batches extends boolean = false>
  extends TransformStream<
    ArrayBuffer | ArrayBufferView,
    FrameChunk<Out, Batches>
  > {
  /** The frames, or arrays of them that are never empty. */
  override readonly readable: ReadableStream<FrameChunk<Out, Batches>>;
  /** The bytes. */
  override readonly writable: WritableStream<ArrayBuffer | ArrayBufferView>;

  readonly #decoder: Decoder<Out>;
  readonly #isBatching: boolean;
  #input!: WritableStreamDefaultController;
  #frames!: ReadableStreamDefaultController<Out | Out[]>;
  /** The stream of bytes that `release` has returned. */
  #bytes: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** The chunk whose frames are being read. */
  #chunk: Uint8Array = nothing;
  /** How many bytes have been written. */
  #written = 0;
  /**
   * Where the frames end that were decoded together, as offsets in the stream. A
   * reader has the first one; the others may wait in the queue of the stream.
   */
  #ends: number[] = [];
  /** How many of the first frames have been read. */
  #greeted = 0;
  /** Whether a reader waits for bytes that have not arrived. */
  #waiting = false;
  /** Resolves the write of the chunk whose frames are being read. */
  #finishWrite: (() => void) | undefined;
  /** Whether all the bytes have been written. */
  #ended = false;
  /** Whether the stream of frames has ended or failed. */
  #over = false;
  /** The error of the input, kept until the frames before it have been read. */
  #failure: { readonly reason: unknown } | undefined;

  /**
   * Makes the stream.
   *
   * @param codec The frame format.
   * @param options Whether a chunk is an array of frames.
   * @throws {TypeError} If the codec is none, or there is no such option.
   */
  constructor(
    codec: Codec<never, Out>,
    options: FrameStreamOptions<Batches> = {},
  ) {
    checkCodec(codec);
    checkOptions("FrameDecoderStream", options, streamKinds);
    // Both sides are replaced. A transform cannot wait for a reader between two
    // frames of a chunk, and makes many promises for each chunk.
    super();
    this.#decoder = codec.decoder();
    this.#isBatching = options.batches === true;
    this.writable = new WritableStream<ArrayBuffer | ArrayBufferView>({
      start: (controller) => {
        this.#input = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#end(),
      abort: (reason) => this.#fail(reason),
    }, { highWaterMark: HIGH_WATER_MARK });
    const frames = new ReadableStream<Out | Out[]>({
      start: (controller) => {
        this.#frames = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
    this.readable = frames as ReadableStream<FrameChunk<Out, Batches>>;
  }

  /**
   * Ends the stream of frames after the last one that was read, and returns the bytes
   * behind it, so that they can be decoded in another format. With `batches`, these
   * are the bytes behind the last array. Who reads a frame after that gets the end of
   * the stream, or, behind the first 16 frames, a `TypeError` where frames had been
   * decoded that are bytes again.
   *
   * @example A handshake in lines, then binary frames
   * ```ts
   * import { FrameDecoderStream } from "@framewire/framewire/stream";
   * import { lengthPrefixed, lines } from "@framewire/framewire/codec";
   * import { assertEquals } from "@std/assert";
   *
   * const greeting = new FrameDecoderStream(lines());
   * const reader = new Blob(["HELLO\n", "\0\0\0\x01!"]).stream()
   *   .pipeThrough(greeting).getReader();
   * assertEquals((await reader.read()).value, "HELLO");
   *
   * const frames = greeting.release()
   *   .pipeThrough(new FrameDecoderStream(lengthPrefixed()));
   * assertEquals(await Array.fromAsync(frames), [Uint8Array.of(0x21)]);
   * ```
   *
   * @returns The bytes.
   * @throws {TypeError} If a reader waits for a frame, or the stream has ended.
   */
  release(): ReadableStream<Uint8Array> {
    if (this.#waiting) {
      throw new TypeError("Cannot release the bytes: a frame is waited for");
    }
    const unread = this.#endFrames();
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#bytes = controller;
        if (unread.length > 0) controller.enqueue(unread);
        if (this.#ended) controller.close();
      },
      pull: () => this.#pullBytes(),
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Ends the stream of frames, and returns the bytes behind the last one read. */
  #endFrames(): Uint8Array {
    const queued = -(this.#frames.desiredSize ?? 0);
    const lastRead = this.#ends.length - 1 - queued;
    if (queued === 0 || lastRead < 0) {
      this.#frames.close();
      return this.#decoder.takeUnread();
    }
    // Only an error removes frames from the queue of a stream.
    this.#frames.error(new TypeError("The bytes have been released"));
    const chunkOffset = this.#written - this.#chunk.length;
    return this.#chunk.subarray(this.#ends[lastRead]! - chunkOffset);
  }

  #write(chunk: ArrayBuffer | ArrayBufferView): Promise<void> | undefined {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) {
      const error = new TypeError(
        `Cannot decode: expected a Uint8Array or an ArrayBuffer, got ${typeof chunk}`,
      );
      this.#fail(error);
      throw error;
    }
    if (this.#bytes !== undefined) {
      if (bytes.length === 0) return undefined;
      const wanted = this.#waiting;
      this.#waiting = false;
      this.#bytes.enqueue(bytes);
      if (wanted) return undefined;
    } else {
      this.#decoder.push(bytes);
      this.#chunk = bytes;
      this.#written += bytes.length;
      if (this.#waiting) {
        this.#next();
        // A reader that still waits has read all frames of the chunk.
        if (this.#waiting || this.#over) return undefined;
        // Nothing of the chunk is left to be read.
        if (
          this.#decoder.bufferedBytes === 0 && this.#frames.desiredSize === 0
        ) {
          return undefined;
        }
      }
    }
    return new Promise((resolve) => {
      this.#finishWrite = resolve;
    });
  }

  #end(): void {
    this.#ended = true;
    if (this.#bytes !== undefined) {
      this.#bytes.close();
    } else {
      this.#decoder.end();
      if (this.#waiting) this.#next();
    }
  }

  /** Errors the readable side after the frames that have arrived. */
  #fail(reason: unknown): void {
    this.#failure = { reason };
    if (this.#waiting) (this.#bytes ?? this.#frames).error(reason);
  }

  #pull(): void {
    this.#waiting = true;
    this.#next();
    if (!this.#waiting) return;
    // An idle stream must not keep its last chunk alive.
    this.#chunk = nothing;
    this.#endWrite();
  }

  /** Gives the waiting reader the next frame or the end, if it has arrived. */
  #next(): void {
    let chunk: Out | Out[] | undefined;
    this.#ends = [];
    try {
      chunk = this.#isBatching ? this.#takeBatch() : this.#decoder.next();
    } catch (error) {
      this.#waiting = false;
      this.#over = true;
      this.#frames.error(error);
      this.#input.error(error);
      this.#endWrite();
      return;
    }
    if (chunk !== undefined) {
      this.#waiting = false;
      this.#frames.enqueue(chunk);
      if (this.#isBatching) return;
      // A frame that no reader waits for any more is the last one for now.
      if (this.#greeted < GREETING_FRAMES) this.#greeted++;
      else if (this.#frames.desiredSize === 0) this.#lookAhead();
    } else if (this.#failure !== undefined) {
      this.#frames.error(this.#failure.reason);
    } else if (this.#ended) {
      this.#waiting = false;
      this.#over = true;
      this.#frames.close();
    }
  }

  /** Enqueues the frames that have arrived, too: to be pulled takes longer. */
  #lookAhead(): void {
    const decoder = this.#decoder;
    const ends = this.#ends;
    let bytes = 0;
    ends.push(this.#written - decoder.bufferedBytes);
    while (ends.length < MOST_AHEAD && bytes < BATCH_BYTES) {
      let frame: Out | undefined;
      try {
        frame = decoder.next();
      } catch (_error) {
        // The decoder throws it again when the frames before it have been read.
        return;
      }
      if (frame === undefined) return;
      this.#frames.enqueue(frame);
      ends.push(this.#written - decoder.bufferedBytes);
      bytes += measure(frame);
    }
  }

  #pullBytes(): void {
    if (this.#failure !== undefined) {
      this.#bytes?.error(this.#failure.reason);
    } else {
      this.#waiting = true;
      this.#endWrite();
    }
  }

  #takeBatch(): Out[] | undefined {
    const decoder = this.#decoder;
    const batch: Out[] = [];
    try {
      for (let bytes = 0; bytes < BATCH_BYTES;) {
        const frame = decoder.next();
        if (frame === undefined) break;
        batch.push(frame);
        bytes += measure(frame);
      }
    } catch (error) {
      // The decoder throws it again when the frames before it have been read.
      if (batch.length === 0) throw error;
    }
    return batch.length > 0 ? batch : undefined;
  }

  #cancel(reason: unknown): void {
    this.#waiting = false;
    this.#input.error(reason);
    this.#endWrite();
  }

  #endWrite(): void {
    const finish = this.#finishWrite;
    this.#finishWrite = undefined;
    finish?.();
  }
}

function bytesOf(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : undefined;
}

const nothing = new Uint8Array(0);
