import { recoveryNames } from "../codec/description.ts";
import { tooLarge } from "../codec/bytes/limits.ts";
import { recovery, SHOWN_BYTES } from "../codec/bytes/recovery.ts";
import { defineCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, RecoveryOptions } from "../codec/types.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import { MAX_FRAME_LENGTH } from "../defaults.ts";
import { describePreset } from "./describe_preset.ts";
import {
  hasEnded,
  readFrame,
  type StompFrame,
  writeFrame,
} from "./stomp_frames.ts";

/** Options of {@linkcode stomp}. */
export interface StompOptions extends RecoveryOptions {
  /**
   * The maximum length of a frame in bytes, headers included.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
}

/**
 * The frames of STOMP 1.2, as ActiveMQ, Artemis and RabbitMQ speak it: a command,
 * headers, an empty line, a body and a zero byte.
 *
 * A body with zero bytes needs a `content-length` header, which the encoder does not
 * add: ActiveMQ takes a message with it for bytes, and one without it for text. Line
 * ends between frames, heart-beats among them, are passed over; a heart-beat is sent
 * as the byte `0a` beside the codec.
 *
 * Documentation of the peer: <https://stomp.github.io/stomp-specification-1.2.html>.
 *
 * @example
 * ```ts
 * import { stomp } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (value: string) => new TextEncoder().encode(value);
 * // The specification's example of a SEND frame
 * const bytes = text(
 *   "SEND\ndestination:/queue/a\ncontent-type:text/plain\n\nhello queue a\0",
 * );
 * const [frame] = stomp().decode(bytes);
 * assertEquals(frame, {
 *   command: "SEND",
 *   headers: { destination: "/queue/a", "content-type": "text/plain" },
 *   body: text("hello queue a"),
 * });
 * assertEquals(stomp().encode(frame!), bytes);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `HEADER_INVALID` if
 * the command is none or a header is not what it must be, `TEXT_INVALID` if a header
 * is not UTF-8, `LENGTH_INVALID`, `MARK_INVALID` if there is no zero byte behind the
 * length of a body, and `DELIMITER_IN_FRAME` if a body to encode has a zero byte and
 * no length.
 *
 * With `onInvalid: "skip"`, the decoder goes on behind the next zero byte. It loses
 * more frames than the invalid one only where a `content-length` is too large.
 *
 * @param options The limit, and what to do with frames that are not valid.
 * @returns The codec.
 * @throws {RangeError} If the limit is not a whole number.
 * @throws {TypeError} If `onInvalid` has none of its values.
 */
export function stomp(options: StompOptions = {}): Codec<StompFrame> {
  const described = describePreset("stomp", options, [
    "maxFrameLength",
    ...recoveryNames,
  ]);
  const { maxFrameLength = MAX_FRAME_LENGTH } = options;
  const { skips } = recovery(options);
  const codec = defineCodec<StompFrame, StompFrame | FrameError>({
    name: "stomp",
    maxFrameLength,
    *readFrame(input) {
      try {
        return yield* readFrame(input);
      } catch (error) {
        if (!skips || !(error instanceof FrameError)) throw error;
        if (!hasEnded(input)) yield* input.until("\0");
        return Object.assign(error, {
          bytes: input.view().slice(0, SHOWN_BYTES),
        });
      }
    },
    encoder: {
      encode(frame, output) {
        const at = output.length;
        writeFrame(frame, output);
        const length = output.length - at;
        if (length <= maxFrameLength) return;
        output.truncate(at);
        throw tooLarge(maxFrameLength, length);
      },
    },
  });
  return described(mapCodec(codec, {
    ...options,
    name: codec.name,
    decode(frame) {
      if (frame instanceof FrameError) throw frame;
      return frame;
    },
    encode: (frame: StompFrame) => frame,
  }));
}
