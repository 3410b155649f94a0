import { hexByte } from "./hex.ts";
import type { ByteQueue } from "./byte_queue.ts";
import type { FrameReader } from "../types.ts";
import { FrameError } from "../errors.ts";
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
  /** The byte that follows every body, in formats that have one. */
  readonly terminator?: number;
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
  readonly #terminatorLength: number;
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
    this.#terminatorLength = header.terminator === undefined ? 0 : 1;
    this.#isPlain = !copy && header.frame === undefined &&
      header.terminator === undefined;
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
      const frameLength = length + bodyLength + this.#terminatorLength;
      if (input.length < frameLength) return this.#wait(input, frameLength);
      if (this.#isPlain) return input.take(bodyLength, length) as T;
      return this.#take(input);
    }
    return undefined;
  }

  finish(input: ByteQueue): undefined {
    if (this.#skipEnd > input.offset) {
      throw truncated(
        input.frameOffset,
        `a frame of ${this.#skipEnd - input.frameOffset} bytes`,
        `${input.offset - input.frameOffset} bytes`,
      );
    }
    if (input.length === 0) return undefined;
    throw truncated(
      input.offset,
      this.#readAt === input.offset
        ? `a frame of ${this.#frameLength} bytes`
        : this.#header.missing,
      `${input.length} bytes`,
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
    const terminatorLength = this.#terminatorLength;
    if (terminatorLength > 0) this.#checkTerminator(input, length + bodyLength);
    const view = input.take(bodyLength, length, terminatorLength);
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
    if (this.#terminatorLength > 0) this.#checkTerminator(input, left - 1);
    input.skip(left);
    input.endFrame();
    return true;
  }

  /** Checks that the byte at `index` is the terminator. */
  #checkTerminator(input: ByteQueue, index: number): void {
    const terminator = this.#header.terminator!;
    const got = input.at(index);
    if (got === terminator) return;
    throw new FrameError("MARK_INVALID", {
      reason: "The terminator is wrong",
      offset: input.frameOffset,
      expected: `the byte ${hexByte(terminator)}`,
      got: hexByte(got),
    });
  }

  /** The length of the frame whose header has been read. */
  get #frameLength(): number {
    return this.#header.length + this.#header.bodyLength +
      this.#terminatorLength;
  }
}
