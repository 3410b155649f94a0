import { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import type { Codec, Decoder } from "../../codec/types.ts";
import { addBytes } from "../error_at.ts";

/** A frame of a stream, or a chunk where there are none. */
export interface Tapped {
  /** What the codec made of it. Where it is no frame, its bytes, or the first of them. */
  readonly value: unknown;
  /** Where it began in its stream, in bytes. */
  readonly offset: number;
  /** How many bytes it had, with what the codec has passed over in front of it. */
  readonly length: number;
  /** Those bytes, if they were kept. */
  readonly bytes: Uint8Array | undefined;
  readonly isFrame: boolean;
}

/** How many of the first bytes are kept of what is no frame. */
const HEAD_BYTES = 1_024;

/**
 * Finds the frames of one byte stream beside it. From bytes on that are no frame, it
 * gives chunks, as it does where there is no codec.
 */
export class FrameTap {
  #decoder: Decoder<unknown> | undefined;
  /** What has arrived and belongs to no frame yet. */
  readonly #held: ByteQueue | undefined;
  #pushed = 0;
  #offset = 0;
  #error: unknown;

  /** Makes one, which keeps the bytes of frames where they are needed. */
  constructor(codec: Codec<unknown> | undefined, keepsBytes: boolean) {
    this.#decoder = codec?.decoder();
    this.#held = keepsBytes ? new ByteQueue() : undefined;
  }

  /** What was wrong with the bytes from which on there are no frames. */
  get error(): unknown {
    return this.#error;
  }

  /** Takes a chunk, and returns the frames that it completes. */
  push(chunk: Uint8Array): Tapped[] {
    this.#pushed += chunk.length;
    if (this.#decoder === undefined) return [this.#chunk(chunk)];
    this.#decoder.push(chunk);
    this.#held?.push(chunk);
    return this.#frames();
  }

  /** Takes the end, and returns the frames that it completes and what is left. */
  end(): Tapped[] {
    this.#decoder?.end();
    const frames = this.#frames();
    return [...frames, ...this.rest()];
  }

  /** Returns what is left when no end comes. */
  rest(): Tapped[] {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    const offset = this.#offset;
    const length = this.#pushed - offset;
    if (decoder === undefined || length === 0) return [];
    this.#offset = this.#pushed;
    const bytes = this.#held?.take(length);
    // What is shown needs the first bytes only.
    const value = bytes ?? decoder.takeUnread(HEAD_BYTES);
    return [{ value, offset, length, bytes, isFrame: false }];
  }

  #frames(): Tapped[] {
    const frames: Tapped[] = [];
    const decoder = this.#decoder;
    while (decoder !== undefined) {
      let value: unknown;
      try {
        value = decoder.next();
      } catch (error) {
        const [rest] = this.rest();
        if (rest?.value instanceof Uint8Array) {
          addBytes(error, rest.value, rest.offset);
        }
        this.#error = error;
        return rest === undefined ? frames : [...frames, rest];
      }
      if (value === undefined) return frames;
      const offset = this.#offset;
      const length = this.#pushed - decoder.bufferedBytes - offset;
      const bytes = this.#held?.take(length);
      frames.push({ value, offset, length, bytes, isFrame: true });
      this.#offset += length;
    }
    return frames;
  }

  #chunk(bytes: Uint8Array): Tapped {
    const offset = this.#offset;
    const { length } = bytes;
    this.#offset += length;
    return { value: bytes, offset, length, bytes, isFrame: false };
  }
}
