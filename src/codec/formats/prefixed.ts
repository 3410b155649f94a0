import type { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { readerCodec } from "../define_codec.ts";
import { type FrameHeader, HeadedReader } from "../bytes/headed_reader.ts";
import { type FrameLimit, tooLarge, truncated } from "../bytes/limits.ts";
import type { Codec, FrameReader } from "../types.ts";

/** A codec whose frames are a length and a body. */
export interface PrefixedCodec extends Codec<Uint8Array> {
  /**
   * The codec of the lengths without the bodies, for bodies that are too large
   * for memory. `Framed.receiveBytes` reads the body behind a length, and
   * `Framed.sendBytes` sends it.
   *
   * @example
   * ```ts
   * import { lengthPrefixed } from "@framewire/framewire/codec";
   * import { assertEquals } from "@std/assert";
   *
   * const { header } = lengthPrefixed();
   * assertEquals(header.encode(300), Uint8Array.of(0, 0, 1, 44));
   *
   * const decoder = header.decoder();
   * decoder.push(Uint8Array.of(0, 0, 0, 2, 0x48, 0x49));
   * assertEquals(decoder.next(), 2);
   * assertEquals(decoder.takeUnread(), Uint8Array.of(0x48, 0x49));
   * ```
   */
  readonly header: Codec<number>;
  /**
   * Writes the length of a frame of `frameLength` bytes into `start`, its first bytes,
   * as `encode` does; `undefined` where frames do not include their length field. A
   * view like `checksum` calls it, to sum what is sent.
   *
   * @example
   * ```ts
   * import { lengthPrefixed } from "@framewire/framewire/codec";
   * import { assertEquals } from "@std/assert";
   *
   * const codec = lengthPrefixed({ lengthBytes: 2, stripBytes: 0 });
   * const frame = Uint8Array.of(0, 0, 0x48, 0x49);
   * codec.fillLength?.(frame, frame.length);
   * assertEquals(frame, Uint8Array.of(0, 2, 0x48, 0x49));
   * ```
   *
   * @throws {FrameError} If `encode` would refuse the frame, or `start` does not
   * include the length field.
   */
  readonly fillLength?: (start: Uint8Array, frameLength: number) => void;
}

/** The parts of a prefixed codec. */
export interface PrefixedFormat {
  readonly name: string;
  readonly limit: FrameLimit;
  readonly copy: boolean;
  /** Makes the header of one byte stream. */
  header(): FrameHeader<Uint8Array>;
  /**
   * Writes the header of a body of `length` bytes, or throws a `FrameError`.
   */
  readonly writeHeader: (length: number, output: ByteWriter) => void;
  /** Writes a frame, or throws a `FrameError`. */
  readonly writeFrame: (frame: Uint8Array, output: ByteWriter) => void;
  /** See {@linkcode PrefixedCodec.fillLength}. */
  readonly fillLength?: (start: Uint8Array, frameLength: number) => void;
}

/** Makes the codec of the frames and the codec of their headers. */
export function prefixed(format: PrefixedFormat): PrefixedCodec {
  const { name, limit, copy, fillLength } = format;
  const frames = readerCodec<Uint8Array>({
    name,
    reader: () => new HeadedReader(format.header(), limit, copy),
    encoder: { encode: format.writeFrame },
  });
  const header = readerCodec<number>({
    name: `${name}.header`,
    reader: () => new LengthReader(format.header(), limit),
    encoder: { encode: format.writeHeader },
  });
  return { ...frames, header, ...(fillLength && { fillLength }) };
}

/** Reads headers and hands out the lengths that they announce. */
class LengthReader implements FrameReader<number> {
  readonly #header: FrameHeader<Uint8Array>;
  readonly #limit: FrameLimit;

  constructor(header: FrameHeader<Uint8Array>, limit: FrameLimit) {
    this.#header = header;
    this.#limit = limit;
  }

  read(input: ByteQueue): number | undefined {
    if (!this.#header.read(input)) return undefined;
    const { length, bodyLength } = this.#header;
    if (bodyLength > this.#limit.maxFrameLength) {
      // Never skipped: the caller reads the body.
      throw tooLarge(
        this.#limit.maxFrameLength,
        bodyLength,
        input.frameOffset,
      );
    }
    if (input.length < length) return undefined;
    input.skip(length);
    return bodyLength;
  }

  finish(input: ByteQueue): undefined {
    if (input.length === 0) return undefined;
    throw truncated(
      input.frameOffset,
      this.#header.missing,
      `${input.length} bytes`,
    );
  }
}
