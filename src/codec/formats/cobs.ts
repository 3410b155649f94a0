import { describeCodec, limitNames, recoveryNames } from "../description.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { readerCodec } from "../define_codec.ts";
import { frameLimit } from "../bytes/limits.ts";
import { recovery, type Refusal } from "../bytes/recovery.ts";
import {
  StuffedReader,
  type Stuffing,
  stuffingInvalid,
} from "../bytes/stuffed_reader.ts";
import type {
  ByteFrameOptions,
  Codec,
  FrameLimitOptions,
  RecoveryOptions,
} from "../types.ts";

/** The maximum number of bytes of a block without a zero. */
const FULL_BLOCK = 254;

/** Options of {@linkcode cobs}. */
export interface CobsOptions
  extends FrameLimitOptions, RecoveryOptions, ByteFrameOptions {}

/**
 * Consistent Overhead Byte Stuffing (S. Cheshire and M. Baker, IEEE/ACM
 * Transactions on Networking, 1999, <https://doi.org/10.1109/90.769765>):
 * frames end with a zero byte and contain none. Each block begins with the
 * distance to its next zero. The encoder writes no extra byte after a final
 * full block of 254 bytes; the decoder accepts one. It ignores a zero byte that
 * ends no frame.
 *
 * @example
 * ```ts
 * import { cobs } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = cobs();
 * const bytes = codec.encode(Uint8Array.of(0x11, 0x22, 0, 0x33));
 * assertEquals(bytes, Uint8Array.of(3, 0x11, 0x22, 2, 0x33, 0));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(0x11, 0x22, 0, 0x33)]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `MARK_INVALID` if a block is longer than the rest of the frame.
 *
 * With `onInvalid: "skip"`, the decoder passes over all that lies before the next
 * zero: of `22 02 33 00 03 11 22 02 33 00` it reports the frame `22 02 33`, whose first
 * block is too long, and hands out `11 22 00 33`. COBS has no checksum, so much damage
 * makes another frame and not one that is not valid: see `checksum`. A zero that got lost
 * joins two frames, which may be too large together: see `onOversize`.
 *
 * @param options The limit, and what to do with frames that are not valid.
 * @returns The codec.
 * @throws {TypeError} If an option has none of its values.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function cobs(options: CobsOptions = {}): Codec<Uint8Array> {
  const description = describeCodec("cobs", options, [
    ...limitNames,
    ...recoveryNames,
    "copy",
  ]);
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  const stuffing: Stuffing = {
    end: 0,
    // One byte for each full block, one for the last, and one that may be
    // extra.
    maxStuffedLength: maxFrameLength + Math.floor(maxFrameLength / FULL_BLOCK) +
      1,
    limit,
    copy: options.copy ?? false,
    unstuff,
    refuse: recovery(options).refuse,
  };
  return {
    ...readerCodec({
      name: "cobs",
      reader: () => new StuffedReader(stuffing),
      encoder: {
        encode(frame, output) {
          limit.checkEncoded(frame.length);
          writeBlocks(frame, output);
          output.writeByte(0);
        },
      },
    }),
    description,
  };
}

function writeBlocks(frame: Uint8Array, output: ByteWriter): void {
  let from = 0;
  while (true) {
    const zero = frame.indexOf(0, from);
    const end = zero < 0 ? frame.length : zero;
    for (; end - from > FULL_BLOCK; from += FULL_BLOCK) {
      output.writeByte(FULL_BLOCK + 1);
      output.write(frame.subarray(from, from + FULL_BLOCK));
    }
    output.writeByte(end - from + 1);
    output.write(frame.subarray(from, end));
    if (zero < 0) return;
    // No zero follows a full block: the zero is a block of its own.
    if (end - from === FULL_BLOCK) output.writeByte(1);
    from = zero + 1;
  }
}

function unstuff(bytes: Uint8Array, offset: number): Uint8Array | Refusal {
  const frame = new Uint8Array(bytes.length);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at]!;
    const end = at + code;
    if (end > bytes.length) {
      return stuffingInvalid("a block that goes beyond the frame", offset);
    }
    frame.set(bytes.subarray(at + 1, end), length);
    length += code - 1;
    at = end;
    if (code <= FULL_BLOCK && at < bytes.length) frame[length++] = 0;
  }
  return frame.subarray(0, length);
}
