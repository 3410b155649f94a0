import { describeView, recoveryNames } from "../description.ts";
import { MAX_FRAME_LENGTH } from "../../defaults.ts";
import { FrameError } from "../errors.ts";
import { checkCount, checkKind } from "../../checks.ts";
import { tooLarge } from "../bytes/limits.ts";
import { mapCodec } from "./map_codec.ts";
import type { Codec, RecoveryOptions } from "../types.ts";

/** A compression. `@framewire/framewire/algorithms` has ready ones. */
export interface Compression {
  /** The name, for messages. */
  readonly name: string;
  /** Compresses. */
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * Decompresses. Returns `undefined`, and stops early, if the result would be
   * longer than `maxLength` bytes. Throws if the bytes are not compressed data.
   */
  decompress(bytes: Uint8Array, maxLength: number): Uint8Array | undefined;
}

/** Options of {@linkcode compressed}. */
export interface CompressedOptions extends RecoveryOptions {
  /**
   * The maximum length of a frame after decompression. The limit of the inner
   * codec applies to the compressed frame.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
}

/**
 * Frames that are compressed one by one. A frame that would decompress to more
 * than the limit is refused before it is decompressed in full.
 *
 * @example
 * ```ts
 * import { compressed, lengthPrefixed } from "@framewire/framewire/codec";
 * import { gzip } from "@framewire/framewire/algorithms";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const codec = compressed(lengthPrefixed(), gzip);
 * const bytes = codec.encode(new Uint8Array(10_000));
 * assert(bytes.length < 100);
 * assertEquals(codec.decode(bytes), [new Uint8Array(10_000)]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `COMPRESSION_INVALID`.
 *
 * @param codec The codec of the compressed frames.
 * @param compression The compression.
 * @param options The limit on decompressed frames, and what to do with bad ones.
 * @returns The codec of the frames.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function compressed(
  codec: Codec<Uint8Array>,
  compression: Compression,
  options: CompressedOptions = {},
): Codec<Uint8Array> {
  const description = describeView(
    "compressed",
    codec,
    { compression },
    options,
    ["maxFrameLength", ...recoveryNames],
  );
  checkKind("compression", compression, ["compress", "decompress"]);
  const { maxFrameLength = MAX_FRAME_LENGTH } = options;
  checkCount("maxFrameLength", maxFrameLength, 0);
  const frames = mapCodec(codec, {
    ...options,
    name: `compressed(${codec.name})`,
    decode(frame, offset) {
      const bytes = decompress(compression, frame, maxFrameLength, offset);
      if (bytes !== undefined) return bytes;
      throw tooLarge(maxFrameLength, undefined, offset);
    },
    encode(frame: Uint8Array) {
      if (frame.length > maxFrameLength) {
        throw tooLarge(maxFrameLength, frame.length);
      }
      return compression.compress(frame);
    },
  });
  return { ...frames, description };
}

function decompress(
  compression: Compression,
  frame: Uint8Array,
  maxLength: number,
  offset: number,
): Uint8Array | undefined {
  try {
    return compression.decompress(frame, maxLength);
  } catch (cause) {
    throw new FrameError("COMPRESSION_INVALID", {
      reason: "The frame cannot be decompressed",
      offset,
      expected: compression.name,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
