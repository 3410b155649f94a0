import type { ByteQueue } from "./byte_queue.ts";
import type { FrameReader } from "../types.ts";
import { FrameError } from "../errors.ts";
import { type FrameLimit, truncated } from "./limits.ts";

/**
 * What begins a frame and says how long its body is: the part of a format that
 * {@linkcode HeadedReader} does not know. One for each byte stream.
 *
 * @typeParam T What a frame is decoded to.
 */
export interface FrameHeader<T> {
  /**
   * Reads the header at the start of `input`, where it stays. Returns `false`
   * while it is not whole. Throws a `FrameError` for what is no header.
   */
  read(input: ByteQueue): boolean;
  /** After `read`: how many bytes stand before the body. */
  readonly length: number;
  /** After `read`: how many bytes the body has. Past 2^53 it may be rounded. */
  readonly bodyLength: number;
  /** The byte that stands behind every body, in formats that have one. */
  readonly terminator?: number;
  /** What a stream lacks that ends before the header is whole. */
  readonly missing: string;
  /**
   * Makes the frame of the body behind the header read last, or throws a
   * `FrameError` with the `offset`.
   */
  frame(body: Uint8Array, offset: number): T;
}

/**
 * Finds the frames of all formats whose headers say how long the bodies are.
 * A header is read once, and stays among the unread bytes until its frame is
 * whole.
 */
export class HeadedReader<T> implements FrameReader<T> {
  readonly #header: FrameHeader<T>;
  readonly #limit: FrameLimit;
  readonly #copy: boolean;
  readonly #terminator: number | undefined;
  readonly #terminatorLength: number;
  /** The position in the stream of the frame whose header has been read. */
  #readAt = -1;
  /** How long that frame is. */
  #frameLength = 0;
  /** The position in the stream where the last frame passed over ends. */
  #skipEnd = 0;

  constructor(header: FrameHeader<T>, limit: FrameLimit, copy = false) {
    this.#header = header;
    this.#limit = limit;
    this.#copy = copy;
    this.#terminator = header.terminator;
    this.#terminatorLength = this.#terminator === undefined ? 0 : 1;
  }

  read(input: ByteQueue): T | undefined {
    const header = this.#header;
    while (this.#skip(input)) {
      // A position and not a flag: the unread bytes may have been taken away.
      if (this.#readAt !== input.offset) {
        if (!header.read(input)) return undefined;
        this.#frameLength = header.length + header.bodyLength +
          this.#terminatorLength;
        if (header.bodyLength > this.#limit.maxFrameLength) {
          // Set before the report, whose receiver may read on.
          this.#skipEnd = input.offset + this.#frameLength;
          this.#limit.refuse(input.frameOffset, header.bodyLength);
          continue;
        }
      }
      if (input.length < this.#frameLength) {
        this.#readAt = input.offset;
        return undefined;
      }
      this.#checkTerminator(input, this.#frameLength);
      input.skip(header.length);
      const body = input.take(header.bodyLength);
      if (this.#terminatorLength > 0) input.skip(this.#terminatorLength);
      return header.frame(this.#copy ? body.slice() : body, input.frameOffset);
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

  /** Passes over the rest of a frame over the limit; `true` when it is gone. */
  #skip(input: ByteQueue): boolean {
    const left = this.#skipEnd - input.offset;
    if (left <= 0) return true;
    if (left > input.length) {
      input.skip(input.length);
      return false;
    }
    this.#checkTerminator(input, left);
    input.skip(left);
    input.frameOffset = input.offset;
    return true;
  }

  /** Checks the last of the `length` bytes up to the end of the frame. */
  #checkTerminator(input: ByteQueue, length: number): void {
    const terminator = this.#terminator;
    if (terminator === undefined) return;
    const got = input.at(length - 1);
    if (got === terminator) return;
    throw new FrameError("MARK_INVALID", {
      reason: "The terminator is wrong",
      offset: input.frameOffset,
      expected: `the byte ${hexByte(terminator)}`,
      got: hexByte(got),
    });
  }
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
