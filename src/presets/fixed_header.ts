import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import { readerCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import {
  type FrameHeader,
  HeadedReader,
} from "../codec/bytes/headed_reader.ts";
import { frameLimit, tooLargeForField } from "../codec/bytes/limits.ts";
import type { LengthPrefixedOptions } from "../codec/formats/length_prefixed.ts";
import type { Codec } from "../codec/types.ts";
import type { PresetOptions } from "./types.ts";

/** A format whose headers have a fixed length. */
export interface FixedHeaderFormat<T> {
  readonly name: string;
  readonly headerLength: number;
  /**
   * Where the length field is, as options of `lengthPrefixed`: the description of the
   * codec, from which the fields of its frames are known.
   */
  readonly lengthField?: Pick<
    LengthPrefixedOptions,
    "lengthOffset" | "lengthBytes" | "lengthEncoding"
  >;
  /** The largest body that the length field can say, where a limit may be higher. */
  readonly maxBodyLength?: number;
  /**
   * Returns the length of the body; below zero if the header has an invalid
   * length.
   */
  bodyLength(header: DataView): number;
  /** Throws a `FrameError` with the `offset` if the header is invalid. */
  checkHeader?(header: DataView, offset: number): void;
  /** Makes the frame to hand out. */
  frame(header: DataView, body: Uint8Array): T;
  /** Returns the body of a frame to encode. */
  body(frame: T): Uint8Array;
  /** Writes all of the header, or throws a `FrameError`. */
  writeHeader(header: DataView, frame: T, bodyLength: number): void;
}

/** Makes the codec of such a format. The limit applies to the body. */
export function fixedHeader<T>(
  format: FixedHeaderFormat<T>,
  options: PresetOptions,
): Codec<T> {
  const { headerLength, lengthField, maxBodyLength = Infinity } = format;
  const limit = frameLimit(options);
  const codec = readerCodec<T>({
    name: format.name,
    reader: () =>
      new HeadedReader(new FixedHeader(format), limit, options.copy),
    encoder: {
      encode(frame, output) {
        const body = format.body(frame);
        limit.checkEncoded(body.length);
        if (body.length > maxBodyLength) {
          throw tooLargeForField(body.length, maxBodyLength);
        }
        const header = new DataView(new ArrayBuffer(headerLength));
        format.writeHeader(header, frame, body.length);
        output.write(new Uint8Array(header.buffer));
        output.write(body);
      },
    },
  });
  if (lengthField === undefined) return codec;
  const field = { ...lengthField, stripBytes: headerLength };
  return { ...codec, description: { kind: "lengthPrefixed", options: field } };
}

class FixedHeader<T> implements FrameHeader<T> {
  readonly #format: FixedHeaderFormat<T>;
  readonly length: number;
  readonly missing: string;
  bodyLength = 0;
  #header: DataView = new DataView(new ArrayBuffer(0));

  constructor(format: FixedHeaderFormat<T>) {
    this.#format = format;
    this.length = format.headerLength;
    this.missing = `a header of ${this.length} bytes`;
  }

  read(input: ByteQueue): boolean {
    if (input.length < this.length) return false;
    const { buffer, byteOffset } = input.peek(this.length);
    this.#header = new DataView(buffer, byteOffset, this.length);
    this.#format.checkHeader?.(this.#header, input.frameOffset);
    this.bodyLength = this.#format.bodyLength(this.#header);
    if (this.bodyLength >= 0) return true;
    throw new FrameError("LENGTH_INVALID", {
      reason: "The length is negative, or too small for what it counts",
      offset: input.frameOffset,
      expected: "a body of at least 0 bytes",
      got: `${this.bodyLength}`,
    });
  }

  frame(body: Uint8Array): T {
    return this.#format.frame(this.#header, body);
  }
}
