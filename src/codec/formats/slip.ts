import { defineCodec } from "../define_codec.ts";
import { FrameError } from "../errors.ts";
import { frameLimit, tooLarge } from "../bytes/limits.ts";
import { StuffedReader, type Stuffing } from "../bytes/stuffed_reader.ts";
import type { ByteFrameOptions, Codec, FrameLimitOptions } from "../types.ts";

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

/** Options of {@linkcode slip}. */
export interface SlipOptions extends FrameLimitOptions, ByteFrameOptions {}

/**
 * SLIP (RFC 1055, <https://www.rfc-editor.org/rfc/rfc1055>): frames end with
 * `c0`; in a frame, `c0` is written as `db dc` and `db` as `db dd`. The decoder
 * ignores empty frames, so the encoder refuses them.
 *
 * @example
 * ```ts
 * import { slip } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = slip();
 * const bytes = codec.encode(Uint8Array.of(1, 0xc0, 0xdb));
 * assertEquals(bytes, Uint8Array.of(1, 0xdb, 0xdc, 0xdb, 0xdd, 0xc0));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(1, 0xc0, 0xdb)]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `MARK_INVALID` if
 * an unknown byte follows an escape, and `LENGTH_INVALID` if the encoder is
 * given an empty frame.
 *
 * @param options The limit.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function slip(options: SlipOptions = {}): Codec<Uint8Array> {
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  const stuffing: Stuffing = {
    end: END,
    // Every byte may have to be escaped.
    maxStuffedLength: 2 * maxFrameLength,
    limit,
    copy: options.copy ?? false,
    unstuff,
  };
  return defineCodec({
    name: "slip",
    reader: () => new StuffedReader(stuffing),
    encoder: {
      encode(frame, output) {
        if (frame.length > maxFrameLength) {
          throw tooLarge(maxFrameLength, frame.length);
        }
        if (frame.length === 0) {
          throw new FrameError("LENGTH_INVALID", {
            reason: "An empty packet would be passed over",
            expected: "at least 1 byte",
            got: "0 bytes",
          });
        }
        let from = 0;
        for (let i = 0; i < frame.length; i++) {
          const byte = frame[i]!;
          if (byte !== END && byte !== ESCAPE) continue;
          output.write(frame.subarray(from, i));
          output.writeByte(ESCAPE);
          output.writeByte(byte === END ? ESCAPED_END : ESCAPED_ESCAPE);
          from = i + 1;
        }
        output.write(frame.subarray(from));
        output.writeByte(END);
      },
    },
  });
}

function unstuff(bytes: Uint8Array): Uint8Array | string {
  let at = bytes.indexOf(ESCAPE);
  if (at < 0) return bytes;
  const frame = bytes.slice();
  let length = at;
  while (at < bytes.length) {
    const byte = bytes[at++]!;
    if (byte !== ESCAPE) {
      frame[length++] = byte;
      continue;
    }
    const escaped = bytes[at++];
    if (escaped === ESCAPED_END) frame[length++] = END;
    else if (escaped === ESCAPED_ESCAPE) frame[length++] = ESCAPE;
    else return "an escape followed by another byte";
  }
  return frame.subarray(0, length);
}
