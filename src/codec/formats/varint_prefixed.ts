import type { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { FrameError } from "../errors.ts";
import type { FrameHeader } from "../bytes/headed_reader.ts";
import { frameLimit, tooLarge } from "../bytes/limits.ts";
import { prefixed, type PrefixedCodec } from "./prefixed.ts";
import type { ByteFrameOptions, FrameLimitOptions } from "../types.ts";

/** Options of {@linkcode varintPrefixed}. */
export interface VarintPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {}

/** The maximum length of a varint of 64 bits. */
const MAX_VARINT_LENGTH = 10;

/**
 * Frames that begin with their length as an unsigned LEB128 number: seven bits
 * a byte, the lowest first, and the highest bit of a byte is set if another
 * byte follows. Protocol Buffers calls it a varint and delimits messages with
 * it.
 *
 * | length | on the wire |
 * | --- | --- |
 * | `2` | `02 48 49` |
 * | `300` | `ac 02`, and the 300 bytes |
 *
 * A length must have its shortest form, of at most 10 bytes.
 *
 * @example
 * ```ts
 * import { varintPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = varintPrefixed();
 * const bytes = codec.encode(new Uint8Array(300));
 * assertEquals(bytes.subarray(0, 2), Uint8Array.of(0xac, 0x02));
 * assertEquals(codec.decode(bytes), [new Uint8Array(300)]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `VARINT_OVERLONG` if a length is not in its shortest form or has more than
 * ten bytes.
 *
 * @param options The limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function varintPrefixed(
  options: VarintPrefixedOptions = {},
): PrefixedCodec {
  const limit = frameLimit(options);
  const writeHeader = (length: number, output: ByteWriter) => {
    if (length > limit.maxFrameLength) {
      throw tooLarge(limit.maxFrameLength, length);
    }
    writeVarint(length, output);
  };
  return prefixed({
    name: "varintPrefixed",
    limit,
    copy: options.copy ?? false,
    header: () => new VarintHeader(),
    writeHeader,
    writeFrame(frame, output) {
      writeHeader(frame.length, output);
      output.write(frame);
    },
  });
}

class VarintHeader implements FrameHeader<Uint8Array> {
  readonly missing: string = "a whole length";
  length = 0;
  bodyLength = 0;

  read(input: ByteQueue): boolean {
    const there = Math.min(input.length, MAX_VARINT_LENGTH);
    let value = 0;
    for (let i = 0; i < there; i++) {
      const byte = input.at(i);
      // Above 2^53 the value is rounded, but every limit is below that.
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (byte === 0 && i > 0) {
          throw overlong(input, "the shortest form of the length", "a longer");
        }
        this.length = i + 1;
        this.bodyLength = value;
        return true;
      }
    }
    if (there < MAX_VARINT_LENGTH) return false;
    throw overlong(input, `at most ${MAX_VARINT_LENGTH} bytes`, "more");
  }
}

function overlong(input: ByteQueue, expected: string, got: string): FrameError {
  return new FrameError("VARINT_OVERLONG", {
    reason: "The length is too long in bytes",
    offset: input.frameOffset,
    expected,
    got,
  });
}

function writeVarint(value: number, output: ByteWriter): void {
  let rest = value;
  while (rest >= 0x80) {
    output.writeByte(rest % 0x80 + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  output.writeByte(rest);
}
