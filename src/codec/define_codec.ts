import { ByteQueue } from "./bytes/byte_queue.ts";
import { release } from "./bytes/buffer_pool.ts";
import { ByteWriter } from "./bytes/byte_writer.ts";
import { GeneratorReader } from "./bytes/generator_reader.ts";
import { checkCount } from "../checks.ts";
import { LARGEST_MAX_DEPTH, MAX_DEPTH, MAX_FRAME_LENGTH } from "../defaults.ts";
import { addOffset } from "./errors.ts";
import type {
  Codec,
  Decoder,
  Encoder,
  FrameInput,
  FrameRead,
  FrameReader,
} from "./types.ts";

/** The parts of every codec: a name and an encoder. */
export interface CodecParts<In> {
  /** The name of the format. */
  name: string;
  /**
   * The encoder that all byte streams share, or, where an encoder keeps state
   * from frame to frame, a function that makes the one of a byte stream.
   */
  encoder: Encoder<In> | (() => Encoder<In>);
}

/** The parts of a codec whose frames a {@linkcode FrameReader} finds. */
export interface ReaderDefinition<In, Out = In> extends CodecParts<In> {
  /** Makes the reader of one byte stream. */
  reader: () => FrameReader<Out>;
  /** Not beside `reader`. */
  readFrame?: never;
}

/** The parts of a codec whose frames a generator reads, one each time. */
export interface FrameDefinition<In, Out = In> extends CodecParts<In> {
  /**
   * Reads one frame. The generator goes on where it stopped when more bytes have
   * arrived, so it never begins anew, and its time is linear in the bytes. If it
   * returns `undefined`, the bytes that it has read are passed over: they belong to
   * no frame.
   */
  readFrame: (input: FrameInput) => FrameRead<Out | undefined>;
  /**
   * The maximum length of a frame in bytes: all that the generator reads for it. A
   * larger one ends the stream with `FRAME_TOO_LARGE` as soon as the generator asks
   * for more.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
  /**
   * How many parts of a frame may be within each other, at most 1,000: see
   * {@linkcode FrameInput.nested}.
   *
   * @default {128}
   */
  maxDepth?: number;
  /** Not beside `readFrame`. */
  reader?: never;
}

/**
 * The parts of a codec: a name, an encoder, and either a reader for each stream or
 * a generator that reads one frame.
 */
export type CodecDefinition<In, Out = In> =
  | ReaderDefinition<In, Out>
  | FrameDefinition<In, Out>;

/**
 * Makes a codec from an encoder and the part that finds the frames. It adds what is
 * the same for every format: it joins chunks, keeps errors, and handles the end of
 * the stream.
 *
 * Most formats are read by a generator, `readFrame`, that asks for one part of the
 * frame after the other. The decoder adds the offset to the errors that it throws.
 *
 * @example A format in which two lengths precede a name and a body
 * ```ts
 * import { defineCodec } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const named = defineCodec<{ name: string; body: Uint8Array }>({
 *   name: "named",
 *   *readFrame(input) {
 *     const nameLength = yield* input.uint(1);
 *     const bodyLength = yield* input.uint(4);
 *     const name = yield* input.bytes(nameLength);
 *     const body = yield* input.bytes(bodyLength);
 *     return { name: new TextDecoder().decode(name), body };
 *   },
 *   encoder: {
 *     encode({ name, body }, output) {
 *       const nameBytes = new TextEncoder().encode(name);
 *       output.writeUint(nameBytes.length, 1);
 *       output.writeUint(body.length, 4);
 *       output.write(nameBytes);
 *       output.write(body);
 *     },
 *   },
 * });
 *
 * const bytes = Uint8Array.of(2, 0, 0, 0, 1, 0x48, 0x49, 7);
 * const frame = { name: "HI", body: Uint8Array.of(7) };
 * assertEquals(named.decode(bytes), [frame]);
 * assertEquals(named.encode(frame), bytes);
 * ```
 *
 * @example Lists in lists: a byte says what follows
 * ```ts
 * import {
 *   defineCodec,
 *   type FrameInput,
 *   type FrameRead,
 * } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * type Tree = number | Tree[];
 *
 * // Below 128 a number, otherwise a list of so many less 128.
 * function* readTree(input: FrameInput): FrameRead<Tree> {
 *   const first = yield* input.uint(1);
 *   if (first < 128) return first;
 *   const list: Tree[] = [];
 *   while (list.length < first - 128) {
 *     list.push(yield* input.nested(readTree(input)));
 *   }
 *   return list;
 * }
 *
 * function bytesOf(tree: Tree): number[] {
 *   if (typeof tree === "number") return [tree];
 *   return [128 + tree.length, ...tree.flatMap(bytesOf)];
 * }
 *
 * const trees = defineCodec<Tree>({
 *   name: "trees",
 *   readFrame: readTree,
 *   encoder: {
 *     encode: (tree, output) => void output.write(Uint8Array.from(bytesOf(tree))),
 *   },
 * });
 *
 * const bytes = Uint8Array.of(130, 1, 129, 2);
 * assertEquals(trees.decode(bytes), [[1, [2]]]);
 * assertEquals(trees.encode([1, [2]]), bytes);
 * ```
 *
 * @example A reader that finds the frames in the bytes itself
 * ```ts
 * import { defineCodec, FrameError } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const zeroTerminated = defineCodec<Uint8Array>({
 *   name: "zeroTerminated",
 *   reader: () => ({
 *     read(input) {
 *       const length = input.indexOf(0);
 *       if (length < 0) return undefined;
 *       const frame = input.take(length);
 *       input.skip(1);
 *       return frame;
 *     },
 *     finish(input) {
 *       if (input.length === 0) return undefined;
 *       throw new FrameError("FRAME_TRUNCATED", {
 *         reason: "The stream ended inside a frame",
 *         offset: input.frameOffset,
 *         expected: "a zero byte",
 *         got: "the end of the stream",
 *       });
 *     },
 *   }),
 *   encoder: {
 *     encode(frame, output) {
 *       output.write(frame);
 *       output.writeByte(0);
 *     },
 *   },
 * });
 *
 * assertEquals(
 *   zeroTerminated.decode(Uint8Array.of(1, 2, 0, 0, 3, 0)),
 *   [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)],
 * );
 * ```
 *
 * @param definition The name, the encoder, and the reader or the generator.
 * @returns The codec.
 * @throws {TypeError} If there is neither a reader nor a generator, or both.
 * @throws {RangeError} If a limit is not a whole number.
 */
export function defineCodec<In, Out = In>(
  definition: CodecDefinition<In, Out>,
): Codec<In, Out> {
  const { name, encoder } = definition;
  return readerCodec({ name, reader: readerOf(definition), encoder });
}

/**
 * Makes a codec from an encoder and a reader, as {@linkcode defineCodec}: the formats
 * take this one, so that a bundle has what generators need only where one is used.
 */
export function readerCodec<In, Out = In>(
  { name, reader, encoder }: ReaderDefinition<In, Out>,
): Codec<In, Out> {
  return codecOf(
    name,
    (input) => new ReaderDecoder(reader(), input),
    typeof encoder === "function" ? encoder : () => encoder,
  );
}

function readerOf<In, Out>(
  definition: CodecDefinition<In, Out>,
): () => FrameReader<Out> {
  const { reader, readFrame } = definition;
  if ((reader === undefined) === (readFrame === undefined)) {
    throw new TypeError(
      `Cannot use the definition of ${definition.name}: expected either reader or readFrame, got ${
        reader === undefined ? "neither" : "both"
      }`,
    );
  }
  if (reader !== undefined) return reader;
  const { maxFrameLength = MAX_FRAME_LENGTH, maxDepth = MAX_DEPTH } =
    definition;
  checkCount("maxFrameLength", maxFrameLength, 0);
  checkCount("maxDepth", maxDepth, 0, LARGEST_MAX_DEPTH);
  const format = { readFrame, maxFrameLength, maxDepth };
  return () => new GeneratorReader(format);
}

/**
 * Makes a codec from its decoder and encoder: `decode` and `encode` use the
 * same two as streams.
 */
export function codecOf<In, Out>(
  name: string,
  decoder: (input?: ByteQueue) => Decoder<Out>,
  encoder: () => Encoder<In>,
): Codec<In, Out> {
  return {
    name,
    decoder,
    encoder,
    decode(bytes: Uint8Array): Out[] {
      const whole = decoder();
      whole.push(bytes);
      whole.end();
      const frames: Out[] = [];
      for (
        let frame = whole.next();
        frame !== undefined;
        frame = whole.next()
      ) frames.push(frame);
      return frames;
    },
    encode(frame: In): Uint8Array<ArrayBuffer> {
      const output = new ByteWriter();
      encoder().encode(frame, output);
      const { length } = output;
      const buffer = output.takeBuffer();
      // Exactly these bytes: the caller may keep them, or use their `buffer`.
      const bytes = buffer.slice(0, length);
      release(buffer, length);
      return bytes;
    },
  };
}

class ReaderDecoder<T> implements Decoder<T> {
  readonly #input: ByteQueue;
  readonly #reader: FrameReader<T>;
  #failure: unknown;
  #ended = false;
  #frameOffset = 0;

  constructor(reader: FrameReader<T>, input: ByteQueue = new ByteQueue()) {
    this.#reader = reader;
    this.#input = input;
  }

  get bufferedBytes(): number {
    return this.#input.heldLength;
  }

  get pendingBytes(): number {
    return this.#input.pendingLength;
  }

  get frameOffset(): number {
    return this.#frameOffset;
  }

  push(chunk: Uint8Array): void {
    if (this.#ended) {
      throw new TypeError("Cannot push bytes: the decoder has been ended");
    }
    // No frame follows a failure, so later chunks are not kept.
    if (this.#failure === undefined) this.#input.push(chunk);
  }

  next(): T | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const input = this.#input;
    try {
      let frame = this.#reader.read(input);
      // The reader may need more than it asked for.
      while (frame === undefined && input.join()) {
        frame = this.#reader.read(input);
      }
      if (frame === undefined && this.#ended) {
        frame = this.#reader.finish(input);
      }
      if (frame === undefined) return undefined;
      const { frameOffset, offset } = input;
      if (offset === frameOffset) throw frameOfNoBytes();
      this.#frameOffset = frameOffset;
      input.endFrame();
      return frame;
    } catch (error) {
      addOffset(error, input.frameOffset);
      this.#failure = error;
      throw error;
    }
  }

  end(): void {
    this.#ended = true;
  }

  takeUnread(atMost: number = Infinity): Uint8Array {
    return this.#input.takeUnread(atMost);
  }
}

/** A reader that takes no bytes would return frames forever. */
function frameOfNoBytes(): TypeError {
  return new TypeError(
    "Cannot hand out a frame: the reader returned one and took no bytes",
  );
}
