import type { ByteQueue } from "./byte_queue.ts";
import type { FrameReader } from "../types.ts";
import { type FrameLimit, truncated } from "./limits.ts";

/**
 * The header of a frame, which gives the length of the body: the part of a
 * format that {@linkcode HeadedReader} does not know. Each byte stream has its
 * own.
 *
 * @typeParam T What a frame is decoded to.
 */
export interface FrameHeader<T> {
  /**
   * Reads the header at the start of `input` without taking it. Returns `false`
   * if the header is incomplete. Throws a `FrameError` if the bytes are not a
   * header.
   */
  read(input: ByteQueue): boolean;
  /** After `read`: how many bytes precede the body. */
  readonly length: number;
  /** After `read`: how many bytes the body has. Past 2^53 it may be rounded. */
  readonly bodyLength: number;
  /** How many bytes follow every body, in formats in which some do. */
  readonly trailerLength?: number;
  /** Throws a `FrameError` if these bytes, from `index` on, are not as they must be. */
  checkTrailer?(input: ByteQueue, index: number): void;
  /** What was expected when a stream ends inside the header, for the error. */
  readonly missing: string;
  /**
   * Makes a frame from the body behind the header read last, or throws a
   * `FrameError` with the `offset`. Without this method, the body is the frame.
   */
  frame?(body: Uint8Array, offset: number): T;
}

/**
 * Reads the frames of all formats whose headers give the length of the body. It
 * reads each header once, and leaves it among the unread bytes until the frame
 * is complete.
 */
export class HeadedReader<T> implements FrameReader<T> {
  readonly #header: FrameHeader<T>;
  readonly #limit: FrameLimit;
  readonly #copy: boolean;
  readonly #maxFrameLength: number;
  readonly #trailerLength: number;
  /** Whether a frame is a view of its body. */
  readonly #isPlain: boolean;
  /** Whether the end of the current frame, read or skipped, had not arrived. */
  #unfinished = false;
  /** The offset in the stream of the frame whose header has been read. */
  #readAt = -1;
  /** The offset in the stream at which the last skipped frame ends. */
  #skipEnd = 0;

  constructor(header: FrameHeader<T>, limit: FrameLimit, copy = false) {
    this.#header = header;
    this.#limit = limit;
    this.#copy = copy;
    this.#maxFrameLength = limit.maxFrameLength;
    this.#trailerLength = header.trailerLength ?? 0;
    this.#isPlain = !copy && header.frame === undefined &&
      this.#trailerLength === 0;
  }

  // One function for all that most frames need: engines inline calls only a few
  // levels deep.
  read(input: ByteQueue): T | undefined {
    const header = this.#header;
    while (this.#unfinished ? this.#resume(input) : header.read(input)) {
      const { length, bodyLength } = header;
      if (bodyLength > this.#maxFrameLength) {
        this.#refuse(input);
        continue;
      }
      const frameLength = length + bodyLength + this.#trailerLength;
      if (input.length < frameLength) return this.#wait(input, frameLength);
      if (this.#isPlain) return input.take(bodyLength, length) as T;
      return this.#take(input);
    }
    return undefined;
  }

  finish(input: ByteQueue): undefined {
    const { offset, frameOffset, pendingLength } = input;
    const isSkipping = this.#skipEnd > offset;
    if (!isSkipping && input.length === 0) return undefined;
    throw truncated(
      frameOffset,
      isSkipping || this.#readAt === offset
        ? `a frame of ${this.#frameLength} bytes`
        : this.#header.missing,
      `${pendingLength} bytes`,
    );
  }

  #wait(input: ByteQueue, frameLength: number): undefined {
    input.want(frameLength);
    this.#readAt = input.offset;
    this.#unfinished = true;
  }

  /** Takes a frame that is not just a view of its body. */
  #take(input: ByteQueue): T {
    const header = this.#header;
    const { length, bodyLength } = header;
    header.checkTrailer?.(input, length + bodyLength);
    const view = input.take(bodyLength, length, this.#trailerLength);
    const body = this.#copy ? view.slice() : view;
    return header.frame === undefined
      ? body as T
      : header.frame(body, input.frameOffset);
  }

  /** Continues after an incomplete frame; `true` when the header is known. */
  #resume(input: ByteQueue): boolean {
    if (!this.#skip(input)) return false;
    this.#unfinished = false;
    // An offset and not a flag: `takeUnread` may have removed the bytes.
    return this.#readAt === input.offset || this.#header.read(input);
  }

  /** Refuses the frame whose header has been read, or begins to skip it. */
  #refuse(input: ByteQueue): void {
    // Set before `onSkip` is called, which may call the decoder.
    this.#skipEnd = input.offset + this.#frameLength;
    this.#unfinished = true;
    this.#limit.refuse(input.frameOffset, this.#header.bodyLength);
  }

  /** Skips the rest of an oversized frame; `false` if it has not arrived. */
  #skip(input: ByteQueue): boolean {
    const left = this.#skipEnd - input.offset;
    if (left <= 0) return true;
    if (left > input.length) {
      input.skip(input.length);
      return false;
    }
    this.#header.checkTrailer?.(input, left - this.#trailerLength);
    input.skip(left);
    input.endFrame();
    return true;
  }

  /** The length of the frame whose header has been read. */
  get #frameLength(): number {
    return this.#header.length + this.#header.bodyLength +
      this.#trailerLength;
  }
}
