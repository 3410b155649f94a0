import type { ByteQueue } from "../bytes/byte_queue.ts";
import { defineCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { checkCount, frameLimit, tooLarge } from "../bytes/limits.ts";
import type { ByteFrameOptions, Codec, FrameLimitOptions } from "../types.ts";

/** Options of {@linkcode headerPrefixed}. */
export interface HeaderPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * How many bytes must be there before `frameLength` is asked: those that every
   * header has, at least 1.
   */
  headerLength: number;
  /**
   * Says how many bytes the whole frame has, its header included, or `undefined`
   * where the header does not say it yet: then it is asked again with a byte
   * more. What it is given is a view; do not write to it. It can refuse a header
   * with a {@linkcode FrameError} of its own.
   *
   * | format | `headerLength` | `frameLength` |
   * | --- | --- | --- |
   * | PostgreSQL: a type, an int32 that counts itself | `5` | `1 +` the int32 |
   * | AMQP 0-9-1: type, channel, u32, payload, `ce` | `7` | `8 +` the u32 |
   */
  frameLength: (header: Uint8Array) => number | undefined;
  /**
   * The most bytes that `frameLength` is shown: the longest header there is.
   *
   * @default {64, or headerLength where that is more}
   */
  maxHeaderLength?: number;
}

/**
 * Frames whose header says how long they are, in whatever way: they are handed
 * out, and given, whole, with their header.
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
 * for a length that is no whole number or is less than the header has, and for a
 * frame to encode that does not have the length its header says, and
 * `HEADER_INVALID` for a header longer than `maxHeaderLength`.
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
  const { maxHeaderLength = Math.max(headerLength, 64) } = options;
  checkCount("maxHeaderLength", maxHeaderLength, headerLength);
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  const format: HeaderFormat = { headerLength, frameLength, maxHeaderLength };
  return defineCodec({
    name: "headerPrefixed",
    reader: () =>
      new HeadedReader(new WholeFrameHeader(format), limit, options.copy),
    encoder: () => ({
      encode(frame, output) {
        if (frame.length > maxFrameLength) {
          throw tooLarge(maxFrameLength, frame.length);
        }
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
    }),
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
  /** The header is part of what is handed out. */
  readonly length: number = 0;
  bodyLength = 0;
  /** The position in the stream of the header that is being read. */
  #at = -1;
  /** How many bytes of it are to be shown next. */
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

  frame(body: Uint8Array): Uint8Array {
    return body;
  }
}

/**
 * What the header at the start of `bytes` says. Every length of header is shown
 * in turn, so that the answer does not depend on how many bytes came together.
 */
function announcedLength(
  format: HeaderFormat,
  bytes: Uint8Array,
  from: number,
  offset?: number,
): number | undefined {
  const { frameLength, maxHeaderLength } = format;
  const most = Math.min(bytes.length, maxHeaderLength);
  for (let shown = from; shown <= most; shown++) {
    const length = frameLength(bytes.subarray(0, shown));
    if (length === undefined) continue;
    if (Number.isSafeInteger(length) && length >= shown) return length;
    throw new FrameError("LENGTH_INVALID", {
      reason: "The header says what no frame can have for a length",
      ...(offset !== undefined && { offset }),
      expected: `a whole number of at least ${shown}`,
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
