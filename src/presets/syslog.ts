import { hexByte } from "../codec/bytes/hex.ts";
import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import { readerCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import {
  type FrameHeader,
  HeadedReader,
} from "../codec/bytes/headed_reader.ts";
import { frameLimit } from "../codec/bytes/limits.ts";
import type { Codec } from "../codec/types.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import type { PresetOptions } from "./types.ts";

const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** The maximum number of digits; every length with so many is exact. */
const MOST_DIGITS = 15;

/**
 * Syslog over TCP or TLS with octet counting: the length in decimal digits, a
 * space, and the message. A length does not begin with a zero, so there are no
 * empty messages.
 *
 * Documentation: <https://www.rfc-editor.org/rfc/rfc6587#section-3.4.1>, and
 * <https://www.rfc-editor.org/rfc/rfc5425#section-4.3> for TLS.
 *
 * @example
 * ```ts
 * import { syslogOctetCounting } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // util-linux 2.38.1: logger --octet-count --tcp --rfc3164
 * const message = new TextEncoder().encode("<13>Nov 21 03:16:08 vm app: HI");
 * const bytes = Uint8Array.of(0x33, 0x30, 0x20, ...message);
 * assertEquals(syslogOctetCounting().decode(bytes), [message]);
 * assertEquals(syslogOctetCounting().encode(message), bytes);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `LENGTH_INVALID` if the bytes are not a length, or a message to encode is
 * empty.
 *
 * @param options The limit.
 * @returns The codec.
 */
export function syslogOctetCounting(
  options: PresetOptions = {},
): Codec<Uint8Array> {
  const described = describePreset("syslogOctetCounting", options, presetNames);
  const limit = frameLimit(options);
  return described(readerCodec({
    name: "syslogOctetCounting",
    reader: () => new HeadedReader(new SyslogHeader(), limit, options.copy),
    encoder: {
      encode(message, output) {
        limit.checkEncoded(message.length);
        if (message.length === 0) throw lengthInvalid("0");
        for (const digit of `${message.length}`) {
          output.writeByte(digit.charCodeAt(0));
        }
        output.writeByte(SPACE);
        output.write(message);
      },
    },
  }));
}

class SyslogHeader implements FrameHeader<Uint8Array> {
  readonly missing: string = "a length and a space";
  length = 0;
  bodyLength = 0;

  read(input: ByteQueue): boolean {
    let value = 0;
    const there = Math.min(input.length, MOST_DIGITS + 1);
    for (let i = 0; i < there; i++) {
      const byte = input.at(i);
      if (byte === SPACE && i > 0) {
        this.length = i + 1;
        this.bodyLength = value;
        return true;
      }
      const isDigit = byte >= (i === 0 ? ZERO + 1 : ZERO) && byte <= NINE;
      if (!isDigit || i === MOST_DIGITS) {
        throw lengthInvalid(
          `the byte ${hexByte(byte)}`,
          input.frameOffset,
        );
      }
      value = 10 * value + byte - ZERO;
    }
    return false;
  }
}

function lengthInvalid(got: string, offset?: number): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "The message does not have a length of its format",
    offset,
    expected: `1 to ${MOST_DIGITS} digits, the first not 0, and a space`,
    got,
  });
}
