import { MAX_BINARY_HEADER_LENGTH } from "../../defaults.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { defineCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { checkCount } from "../../checks.ts";
import { frameLimit } from "../bytes/limits.ts";
import type { ByteFrameOptions, Codec, FrameLimitOptions } from "../types.ts";

/** Options of {@linkcode headerPrefixed}. */
export interface HeaderPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * The minimum length of a header in bytes, at least 1. The decoder calls
   * `frameLength` once so many bytes have arrived.
   */
  headerLength: number;
  /**
   * Returns the length of the whole frame, header included, or `undefined` if
   * the header is incomplete: the decoder then calls it again with more bytes.
   * Bytes behind the header must not change the result. The argument is a view;
   * do not write to it. The function can refuse a header by throwing a
   * {@linkcode FrameError} of its own, to which the decoder adds the `offset`.
   *
   * | format | `headerLength` | `frameLength` |
   * | --- | --- | --- |
   * | PostgreSQL: a type, an int32 that counts itself | `5` | `1 +` the int32 |
   * | AMQP 0-9-1: type, channel, u32, payload, `ce` | `7` | `8 +` the u32 |
   */
  frameLength: (header: Uint8Array) => number | undefined;
  /**
   * The maximum length of a header: `frameLength` never gets more bytes.
   *
   * @default {64, or headerLength where that is more}
   */
  maxHeaderLength?: number;
}

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
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `LENGTH_INVALID`
 * if the length is no whole number or less than that of the header, or differs
 * from that of a frame to encode, and `HEADER_INVALID` if a header is longer
 * than `maxHeaderLength`.
 *
 * @param options How to read the header, and the limit on whole frames.
 * @returns The codec.
 * @throws {RangeError} If a number is out of its range.
 */
export function headerPrefixed(
  options: HeaderPrefixedOptions,
): Codec<Uint8Array> {
  const { headerLength, frameLength } = options;
  checkCount("headerLength", headerLength, 1);
  const {
    maxHeaderLength = Math.max(
      headerLength,
      MAX_BINARY_HEADER_LENGTH,
    ),
  } = options;
  checkCount("maxHeaderLength", maxHeaderLength, headerLength);
  const limit = frameLimit(options);
  const format: HeaderFormat = { headerLength, frameLength, maxHeaderLength };
  return defineCodec({
    name: "headerPrefixed",
    reader: () =>
      new HeadedReader(new WholeFrameHeader(format), limit, options.copy),
    encoder: {
      encode(frame, output) {
        limit.checkEncoded(frame.length);
        const length = announcedLength(format, frame, headerLength);
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
  });
}

interface HeaderFormat {
  readonly headerLength: number;
  readonly maxHeaderLength: number;
  readonly frameLength: (header: Uint8Array) => number | undefined;
}

class WholeFrameHeader implements FrameHeader<Uint8Array> {
  readonly #format: HeaderFormat;
  readonly missing: string = "a whole header";
  /** The frame includes the header. */
  readonly length: number = 0;
  bodyLength = 0;
  /** The offset in the stream of the header that is being read. */
  #at = -1;
  /** How many bytes of it `frameLength` gets next. */
  #next = 0;

  constructor(format: HeaderFormat) {
    this.#format = format;
  }

  read(input: ByteQueue): boolean {
    const format = this.#format;
    if (this.#at !== input.offset) {
      this.#at = input.offset;
      this.#next = format.headerLength;
    }
    if (input.length < this.#next) return false;
    const length = announcedLength(
      format,
      input.peek(format.maxHeaderLength),
      this.#next,
      input.frameOffset,
    );
    if (length === undefined) {
      this.#next = input.length + 1;
      return false;
    }
    this.bodyLength = length;
    return true;
  }
}

/**
 * Calls `frameLength` with a growing part of `bytes`, which begin with the
 * header, until it knows the length; fewer than `from` bytes are known not to
 * suffice. The part grows by one byte, and beyond 64 bytes by a 64th, so that
 * the time is linear in the length of the header.
 */
function announcedLength(
  format: HeaderFormat,
  bytes: Uint8Array,
  from: number,
  offset?: number,
): number | undefined {
  const { frameLength, maxHeaderLength } = format;
  const most = Math.min(bytes.length, maxHeaderLength);
  let unknown = from - 1;
  while (unknown < most) {
    const shown = Math.min(unknown + 1 + (unknown >> 6), most);
    const length = frameLength(bytes.subarray(0, shown));
    if (length === undefined) {
      unknown = shown;
      continue;
    }
    if (Number.isSafeInteger(length) && length >= shown) return length;
    const least = headerLengthOf(format, bytes, unknown, shown);
    if (Number.isSafeInteger(length) && length >= least) return length;
    throw new FrameError("LENGTH_INVALID", {
      reason: "The header says what no frame can have for a length",
      ...(offset !== undefined && { offset }),
      expected: `a whole number of at least ${least}`,
      got: `${length}`,
    });
  }
  if (most < maxHeaderLength) return undefined;
  throw new FrameError("HEADER_INVALID", {
    reason: "The header does not say how long the frame is",
    ...(offset !== undefined && { offset }),
    expected: `a header of at most ${maxHeaderLength} bytes (maxHeaderLength)`,
    got: "more",
  });
}

/** Returns the smallest part from which `frameLength` knows the length. */
function headerLengthOf(
  format: HeaderFormat,
  bytes: Uint8Array,
  unknown: number,
  known: number,
): number {
  while (known - unknown > 1) {
    const middle = (unknown + known) >> 1;
    const length = format.frameLength(bytes.subarray(0, middle));
    if (length === undefined) unknown = middle;
    else known = middle;
  }
  return known;
}
