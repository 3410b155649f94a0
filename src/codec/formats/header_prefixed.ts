import { describeCodec, limitNames } from "../description.ts";
import {
  MAX_BINARY_HEADER_LENGTH,
  MAX_GROWN_HEADER_LENGTH,
  MAX_HEADER_LENGTH,
} from "../../defaults.ts";
import { ByteQueue } from "../bytes/byte_queue.ts";
import { readerCodec } from "../define_codec.ts";
import {
  DelimiterFinder,
  type DelimiterSet,
  delimiterSet,
} from "../bytes/delimiter_finder.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { checkCount } from "../../checks.ts";
import { frameLimit } from "../bytes/limits.ts";
import type { ByteFrameOptions, Codec, FrameLimitOptions } from "../types.ts";

/** The limits of {@linkcode headerPrefixed}, for all headers. */
export interface HeaderPrefixedLimits
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * The maximum length of a header in bytes: `frameLength` never gets more. Without
   * `headerEnd` it is at most 256, or `headerLength` where that is more.
   *
   * @default {64, or headerLength where that is more; with headerEnd 8_192}
   */
  maxHeaderLength?: number;
}

/** Options of {@linkcode headerPrefixed} for headers of a known length. */
export interface CountedHeaderOptions extends HeaderPrefixedLimits {
  /**
   * The minimum length of a header in bytes, at least 1. The decoder calls
   * `frameLength` once so many bytes have arrived.
   */
  headerLength: number;
  /**
   * Returns the length of the whole frame, header included, or `undefined` if
   * the header is incomplete: the decoder then calls it again with one byte more.
   * The argument is a view; do not write to it. The function can refuse a header by
   * throwing a {@linkcode FrameError} of its own, to which the decoder adds the
   * `offset`.
   *
   * | format | `headerLength` | `frameLength` |
   * | --- | --- | --- |
   * | PostgreSQL: a type, an int32 that counts itself | `5` | `1 +` the int32 |
   * | AMQP 0-9-1: type, channel, u32, payload, `ce` | `7` | `8 +` the u32 |
   */
  frameLength: (header: Uint8Array) => number | undefined;
  /** Not beside `headerLength`. */
  headerEnd?: never;
}

/** Options of {@linkcode headerPrefixed} for headers that end with a mark. */
export interface EndedHeaderOptions extends HeaderPrefixedLimits {
  /**
   * What a header ends with, a string (as UTF-8) or bytes, such as an empty line:
   * `"\r\n\r\n"`.
   */
  headerEnd: string | Uint8Array;
  /**
   * Returns the length of the whole frame, header included. The decoder calls it
   * once for each frame, with the header and its end. As for `headerLength`, the
   * argument is a view, and the function can throw a {@linkcode FrameError}.
   */
  frameLength: (header: Uint8Array) => number;
  /** Not beside `headerEnd`. */
  headerLength?: never;
}

/** Options of {@linkcode headerPrefixed}. */
export type HeaderPrefixedOptions = CountedHeaderOptions | EndedHeaderOptions;

/**
 * Frames whose length a function reads from their header. Frames include their
 * header, in both directions.
 *
 * @example MQTT: a type, then the length of the rest in one to four bytes
 * ```ts
 * import { headerPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = headerPrefixed({
 *   headerLength: 2,
 *   maxHeaderLength: 5,
 *   frameLength(header) {
 *     let length = 0;
 *     for (let i = 1; i < header.length; i++) {
 *       length += (header[i]! & 0x7f) * 128 ** (i - 1);
 *       if (header[i]! < 0x80) return i + 1 + length;
 *     }
 *     return undefined;
 *   },
 * });
 * const ping = Uint8Array.of(0xc0, 0);
 * const publish = Uint8Array.of(0x30, 5, 0, 1, 0x61, 0x48, 0x49);
 * assertEquals(
 *   codec.decode(Uint8Array.of(...ping, ...publish)),
 *   [ping, publish],
 * );
 * ```
 *
 * @example SIP over TCP (RFC 3261): lines, an empty one, and the body
 * ```ts
 * import { headerPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = headerPrefixed({
 *   headerEnd: "\r\n\r\n",
 *   frameLength(header) {
 *     const text = new TextDecoder().decode(header);
 *     const [, length = 0] = /^Content-Length: *(\d+)\r$/im.exec(text) ?? [];
 *     return header.length + Number(length);
 *   },
 * });
 * const text = "SIP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nHI";
 * const bytes = new TextEncoder().encode(text);
 * assertEquals(codec.decode(bytes), [bytes]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `LENGTH_INVALID`
 * if the length is no whole number or less than that of the header, or differs
 * from that of a frame to encode, and `HEADER_INVALID` if a header is longer
 * than `maxHeaderLength`. Headers that neither say early how long they are nor end
 * with a mark are for `readFrame` of {@linkcode defineCodec}.
 *
 * @param options How to read the header, and the limit on whole frames.
 * @returns The codec.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If there is neither `headerLength` nor `headerEnd`, or both,
 * or `headerEnd` is empty.
 */
export function headerPrefixed(
  options: HeaderPrefixedOptions,
): Codec<Uint8Array> {
  const description = describeCodec("headerPrefixed", options, [
    ...limitNames,
    "copy",
    "headerLength",
    "headerEnd",
    "frameLength",
    "maxHeaderLength",
  ]);
  const header = headerFormat(options);
  const limit = frameLimit(options);
  return {
    ...readerCodec({
      name: "headerPrefixed",
      reader: () =>
        new HeadedReader(new WholeFrameHeader(header()), limit, options.copy),
      encoder: {
        encode(frame, output) {
          limit.checkEncoded(frame.length);
          const input = new ByteQueue();
          input.push(frame);
          const length = header().frameLength(input);
          if (length !== frame.length) {
            throw new FrameError("LENGTH_INVALID", {
              reason: "The frame does not have the length that its header says",
              expected: length === undefined
                ? "a whole header"
                : `${length} bytes`,
              got: `${frame.length} bytes`,
            });
          }
          output.write(frame);
        },
      },
    }),
    description,
  };
}

/** Reads the headers of one byte stream. */
interface HeaderReader {
  /**
   * Returns what the header at the start of `input` says to be the length of the
   * frame, or `undefined` if the header is incomplete.
   */
  frameLength(input: ByteQueue): number | undefined;
}

/** Checks the options and returns what makes the reader of the headers. */
function headerFormat(options: HeaderPrefixedOptions): () => HeaderReader {
  const { headerLength, headerEnd } = options;
  if ((headerLength === undefined) === (headerEnd === undefined)) {
    throw new TypeError(
      `Cannot use headerPrefixed: expected either headerLength or headerEnd, got ${
        headerEnd === undefined ? "neither" : "both"
      }`,
    );
  }
  if (headerEnd !== undefined) {
    const end = delimiterSet(headerEnd);
    const { frameLength, maxHeaderLength = MAX_HEADER_LENGTH } = options;
    checkCount("maxHeaderLength", maxHeaderLength, end.first.length);
    return () => new EndedHeader(end, frameLength, maxHeaderLength);
  }
  checkCount("headerLength", headerLength, 1);
  const {
    frameLength,
    maxHeaderLength = Math.max(headerLength, MAX_BINARY_HEADER_LENGTH),
  } = options;
  const most = Math.max(headerLength, MAX_GROWN_HEADER_LENGTH);
  checkCount("maxHeaderLength", maxHeaderLength, headerLength, most);
  return () => new CountedHeader(headerLength, frameLength, maxHeaderLength);
}

class WholeFrameHeader implements FrameHeader<Uint8Array> {
  readonly #reader: HeaderReader;
  readonly missing: string = "a whole header";
  /** The frame includes the header. */
  readonly length: number = 0;
  bodyLength = 0;

  constructor(reader: HeaderReader) {
    this.#reader = reader;
  }

  read(input: ByteQueue): boolean {
    const length = this.#reader.frameLength(input);
    if (length === undefined) return false;
    this.bodyLength = length;
    return true;
  }
}

/** A header that is known from its first bytes on, one more at a time. */
class CountedHeader implements HeaderReader {
  readonly #headerLength: number;
  readonly #frameLength: (header: Uint8Array) => number | undefined;
  readonly #maxHeaderLength: number;
  /** The offset in the stream of the header that is being read. */
  #at = -1;
  /** How many bytes of it `frameLength` gets next. */
  #next = 0;

  constructor(
    headerLength: number,
    frameLength: (header: Uint8Array) => number | undefined,
    maxHeaderLength: number,
  ) {
    this.#headerLength = headerLength;
    this.#frameLength = frameLength;
    this.#maxHeaderLength = maxHeaderLength;
  }

  frameLength(input: ByteQueue): number | undefined {
    if (this.#at !== input.offset) {
      this.#at = input.offset;
      this.#next = this.#headerLength;
    }
    const frameLength = this.#frameLength;
    for (; this.#next <= input.length; this.#next++) {
      const length = frameLength(input.peek(this.#next));
      if (length !== undefined) return checkLength(length, this.#next);
      if (this.#next === this.#maxHeaderLength) {
        throw headerInvalid(this.#maxHeaderLength);
      }
    }
    return undefined;
  }
}

/** A header that ends with a mark. */
class EndedHeader implements HeaderReader {
  readonly #finder: DelimiterFinder;
  readonly #endLength: number;
  readonly #frameLength: (header: Uint8Array) => number;
  readonly #maxHeaderLength: number;

  constructor(
    end: DelimiterSet,
    frameLength: (header: Uint8Array) => number,
    maxHeaderLength: number,
  ) {
    this.#finder = new DelimiterFinder(end);
    this.#endLength = end.first.length;
    this.#frameLength = frameLength;
    this.#maxHeaderLength = maxHeaderLength;
  }

  frameLength(input: ByteQueue): number | undefined {
    const found = this.#finder.find(input, false);
    const headerLength = this.#finder.index + this.#endLength;
    if (headerLength > this.#maxHeaderLength) {
      throw headerInvalid(this.#maxHeaderLength);
    }
    if (!found) return undefined;
    const frameLength = this.#frameLength;
    return checkLength(frameLength(input.peek(headerLength)), headerLength);
  }
}

function checkLength(length: number, headerLength: number): number {
  if (Number.isSafeInteger(length) && length >= headerLength) return length;
  throw new FrameError("LENGTH_INVALID", {
    reason: "The header says what no frame can have for a length",
    expected: `a whole number of at least ${headerLength}`,
    got: `${length}`,
  });
}

function headerInvalid(maxHeaderLength: number): FrameError {
  return new FrameError("HEADER_INVALID", {
    reason: "The header does not say how long the frame is",
    expected: `a header of at most ${maxHeaderLength} bytes (maxHeaderLength)`,
    got: "more",
  });
}
