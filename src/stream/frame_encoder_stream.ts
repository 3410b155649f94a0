import { checkOptions } from "../checks.ts";
import { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { checkCodec } from "../codec/check_codec.ts";
import type { Codec, Encoder } from "../codec/types.ts";
import { measure } from "./measure.ts";
import { streamKinds } from "./stream_kinds.ts";
import type { FrameChunk, FrameStreamOptions } from "./types.ts";

/** The length from which a chunk does not wait for more frames. */
const CHUNK_BYTES = 65_536;

/**
 * The high-water mark in arrays of frames. With 1, a pipe would be paused and resumed
 * at every array.
 */
const BATCHES = 2;

/**
 * The number of microtasks without a frame that completes a chunk. Between two frames
 * of a pipe there is one on every runtime; a writer that awaits each `write` takes two
 * or three.
 */
const QUIET_TURNS = 4;

/**
 * A `TransformStream` from frames to bytes, for `pipeThrough`. Frames written
 * together leave as one chunk, so that many small ones do not become as many
 * small writes. A chunk is always made of whole frames. A frame that the format
 * cannot carry errors the stream with a `FrameError`, after the chunks of the
 * frames before it.
 *
 * @example
 * ```ts
 * import { FrameEncoderStream } from "@framewire/framewire/stream";
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = ReadableStream.from(["one", "two"])
 *   .pipeThrough(new FrameEncoderStream(lines()));
 * assertEquals(await new Response(bytes).text(), "one\ntwo\n");
 * ```
 *
 * @example Arrays of frames, of which each becomes one chunk
 * ```ts
 * import { FrameEncoderStream } from "@framewire/framewire/stream";
 * import { lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = ReadableStream.from([["one", "two"], ["three"]])
 *   .pipeThrough(new FrameEncoderStream(lines(), { batches: true }))
 *   .pipeThrough(new TextDecoderStream());
 * assertEquals(await Array.fromAsync(bytes), ["one\ntwo\n", "three\n"]);
 * ```
 *
 * @typeParam In The type of a frame to encode.
 * @typeParam Batches Whether a chunk is an array of frames.
 */
export class FrameEncoderStream<In, Batches extends boolean = false>
  extends TransformStream<FrameChunk<In, Batches>, Uint8Array<ArrayBuffer>> {
  /** The bytes. */
  override readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The frames, or arrays of them. */
  override readonly writable: WritableStream<FrameChunk<In, Batches>>;

  readonly #encoder: Encoder<In>;
  readonly #output = new ByteWriter();
  #frames!: WritableStreamDefaultController;
  #bytes!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Whether a reader waits for a chunk. */
  #waiting = false;
  /** Whether more frames may come before the chunk leaves. */
  #gathering = false;
  /** How many microtasks have gone by without a frame. */
  #quietTurns = 0;
  /** Resolves the write that waits for a reader. */
  #finishWrite: (() => void) | undefined;
  /** The error of the input, kept until the chunks before it have been read. */
  #failure: { readonly reason: unknown } | undefined;

  /**
   * Makes the stream.
   *
   * @param codec The frame format.
   * @param options Whether a chunk is an array of frames.
   * @throws {TypeError} If the codec is none, or there is no such option.
   */
  constructor(
    codec: Codec<In, unknown>,
    options: FrameStreamOptions<Batches> = {},
  ) {
    checkCodec(codec);
    checkOptions("FrameEncoderStream", options, streamKinds);
    // Both sides are replaced: a transform would make a chunk of each frame.
    super();
    this.#encoder = codec.encoder();
    const batches = options.batches === true;
    const frames = new WritableStream<In | In[]>(
      {
        start: (controller) => {
          this.#frames = controller;
        },
        write: (chunk) =>
          batches
            ? this.#writeBatch(chunk as In[])
            : this.#writeFrame(chunk as In),
        close: () => this.#end(),
        abort: (reason) => this.#fail(reason),
      },
      batches
        ? { highWaterMark: BATCHES }
        : { highWaterMark: CHUNK_BYTES, size: measure },
    );
    this.writable = frames as WritableStream<FrameChunk<In, Batches>>;
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#bytes = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => {
        this.#frames.error(reason);
        this.#waiting = false;
        this.#output.take();
        this.#endWrite();
      },
    }, { highWaterMark: 0 });
  }

  #writeFrame(frame: In): Promise<void> | undefined {
    this.#encode(frame);
    this.#quietTurns = 0;
    if (this.#output.length >= CHUNK_BYTES) return this.#handOver();
    if (!this.#gathering) {
      this.#gathering = true;
      void turn.then(this.#afterTurn);
    }
    return undefined;
  }

  #writeBatch(batch: readonly In[]): Promise<void> | undefined {
    if (!Array.isArray(batch)) {
      const error = new TypeError(
        `Cannot encode: expected an array of frames, got ${typeof batch}`,
      );
      this.#fail(error);
      throw error;
    }
    for (const frame of batch) this.#encode(frame as In);
    return this.#handOver();
  }

  #encode(frame: In): void {
    const before = this.#output.length;
    try {
      this.#encoder.encode(frame, this.#output);
    } catch (error) {
      // The encoder may have written a part of the frame before it threw.
      this.#output.truncate(before);
      this.#fail(error);
      throw error;
    }
  }

  readonly #afterTurn = (): void => {
    if (++this.#quietTurns < QUIET_TURNS) {
      void turn.then(this.#afterTurn);
      return;
    }
    this.#gathering = false;
    if (this.#waiting) this.#flush();
  };

  /** Gives the encoded bytes to the reader, or returns a promise of a reader. */
  #handOver(): Promise<void> | undefined {
    if (this.#waiting) this.#flush();
    if (this.#output.length === 0) return undefined;
    return new Promise((resolve) => {
      this.#finishWrite = resolve;
    });
  }

  #pull(): void {
    this.#waiting = true;
    if (!this.#gathering || this.#output.length >= CHUNK_BYTES) this.#flush();
  }

  /** Gives the encoded bytes to the waiting reader. */
  #flush(): void {
    if (this.#output.length > 0) {
      this.#waiting = false;
      this.#bytes.enqueue(this.#output.take());
      this.#endWrite();
    } else if (this.#failure !== undefined) {
      this.#bytes.error(this.#failure.reason);
    }
  }

  #end(): void {
    if (this.#output.length > 0) this.#bytes.enqueue(this.#output.take());
    this.#bytes.close();
  }

  /** Errors the readable side after the bytes of the frames before. */
  #fail(reason: unknown): void {
    this.#failure = { reason };
    this.#gathering = false;
    if (this.#waiting) this.#flush();
  }

  #endWrite(): void {
    const finish = this.#finishWrite;
    this.#finishWrite = undefined;
    finish?.();
  }
}

const turn = Promise.resolve();
