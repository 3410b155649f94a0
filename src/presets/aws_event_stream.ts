import { tooLarge } from "../codec/bytes/limits.ts";
import { defineCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, FrameInput, FrameRead } from "../codec/types.ts";
import { crc32 } from "../codec/bytes/crc.ts";
import { describePreset } from "./describe_preset.ts";

/** Two lengths and their checksum before the headers, and one behind the payload. */
const OVERHEAD = 16;
/** The longest message: 128 KiB of headers and 24 MiB of payload. */
const LONGEST = OVERHEAD + 131_072 + 25_165_824;
const LARGEST_FIELD = 0xffff_ffff;

/** Options of {@linkcode awsEventStream}. */
export interface AwsEventStreamOptions {
  /**
   * The maximum length of a message in bytes, with its 16 bytes of lengths and
   * checksums. The default is the most that the specification allows.
   *
   * @default {25_296_912}
   */
  maxFrameLength?: number;
}

/** A message of {@linkcode awsEventStream}. */
export interface AwsEventStreamMessage {
  /** The headers as they are on the wire. */
  readonly headers: Uint8Array;
  /** The payload. */
  readonly payload: Uint8Array;
}

/**
 * Event streams of AWS (`application/vnd.amazon.eventstream`), such as the answers of
 * Transcribe, Bedrock and S3 Select: the length of the message, that of its headers
 * and their CRC-32, the headers, the payload, and the CRC-32 of all of it. Both
 * checksums are checked. The headers stay bytes, which name their own lengths and
 * types.
 *
 * Documentation of the peer: <https://smithy.io/2.0/aws/amazon-eventstream.html>.
 *
 * @example
 * ```ts
 * import { awsEventStream } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // The header "a", a string (7) of one byte, and the payload "HI"
 * const message = {
 *   headers: Uint8Array.of(1, 0x61, 7, 0, 1, 0x62),
 *   payload: Uint8Array.of(0x48, 0x49),
 * };
 * const bytes = awsEventStream().encode(message);
 * assertEquals(bytes.slice(0, 8), Uint8Array.of(0, 0, 0, 24, 0, 0, 0, 6));
 * assertEquals(awsEventStream().decode(bytes), [message]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `CHECKSUM_MISMATCH`, and
 * `LENGTH_INVALID` if a message is shorter than its headers.
 *
 * @param options The limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function awsEventStream(
  options: AwsEventStreamOptions = {},
): Codec<AwsEventStreamMessage> {
  const described = describePreset("awsEventStream", options, [
    "maxFrameLength",
  ]);
  const maxFrameLength = Math.min(
    options.maxFrameLength ?? LONGEST,
    LARGEST_FIELD,
  );
  return described(defineCodec<AwsEventStreamMessage>({
    name: "awsEventStream",
    maxFrameLength,
    *readFrame(input) {
      const length = yield* input.uint(4);
      const headersLength = yield* input.uint(4);
      yield* checkSum(input, "lengths");
      if (length < headersLength + OVERHEAD) {
        throw new FrameError("LENGTH_INVALID", {
          reason: "The message is shorter than its headers",
          expected: `at least ${headersLength + OVERHEAD} bytes`,
          got: `${length}`,
        });
      }
      if (length > maxFrameLength) throw tooLarge(maxFrameLength, length);
      const headers = yield* input.bytes(headersLength);
      const payload = yield* input.bytes(length - headersLength - OVERHEAD);
      yield* checkSum(input, "message");
      return { headers, payload };
    },
    encoder: {
      encode({ headers, payload }, output) {
        const length = headers.length + payload.length + OVERHEAD;
        if (length > maxFrameLength) throw tooLarge(maxFrameLength, length);
        const at = output.length;
        output.writeUint(length, 4);
        output.writeUint(headers.length, 4);
        output.writeUint(crc32(output.view(at)), 4);
        output.write(headers);
        output.write(payload);
        output.writeUint(crc32(output.view(at)), 4);
      },
    },
  }));
}

/** Reads the checksum of the bytes that have been read, and compares it. */
function* checkSum(input: FrameInput, of: string): FrameRead<void> {
  const expected = crc32(input.view());
  const got = yield* input.uint(4);
  if (got === expected) return;
  throw new FrameError("CHECKSUM_MISMATCH", {
    reason: `The checksum of the ${of} is wrong`,
    expected: hex(expected),
    got: hex(got),
  });
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
