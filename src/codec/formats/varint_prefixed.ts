import { describeCodec, limitNames } from "../description.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { checkChoice, checkCount } from "../../checks.ts";
import { FrameError } from "../errors.ts";
import type { FrameHeader } from "../bytes/headed_reader.ts";
import { frameLimit, tooLargeForField } from "../bytes/limits.ts";
import { prefixed, type PrefixedCodec } from "./prefixed.ts";
import type { ByteFrameOptions, FrameLimitOptions } from "../types.ts";

/** How {@linkcode varintPrefixed} encodes a length. */
export type VarintEncoding = "leb128" | "vlq" | "zigzag";

/** Options of {@linkcode varintPrefixed}. */
export interface VarintPrefixedOptions
  extends FrameLimitOptions, ByteFrameOptions {
  /**
   * How a length is encoded, in seven bits a byte; the highest bit of a byte is set
   * if another byte follows.
   *
   * | `encoding` | `300` on the wire | |
   * | --- | --- | --- |
   * | `"leb128"` | `ac 02` | The lowest seven bits first: Protocol Buffers, .NET, Go's `binary.PutUvarint` |
   * | `"vlq"` | `82 2c` | The highest seven bits first: MIDI files, ASN.1 |
   * | `"zigzag"` | `d8 04` | `"leb128"` of twice the length, for peers that write a signed number: Avro, Go's `binary.PutVarint` |
   *
   * @default {"leb128"}
   */
  encoding?: VarintEncoding;
  /**
   * What the decoder does with a length that is not in its shortest form, such as
   * `83 00` for 3: some peers write lengths with as many bytes as they have kept
   * free. The encoder always writes the shortest form.
   *
   * @default {"reject"}
   */
  overlong?: "reject" | "accept";
  /**
   * The maximum length of a length in bytes, from 1 to 10.
   *
   * @default {10}
   */
  maxLengthBytes?: number;
}

/** The maximum length of a varint of 64 bits. */
const MAX_VARINT_LENGTH = 10;

/**
 * Frames that begin with their length as a variable-length integer. By default this
 * is an unsigned LEB128 number, which Protocol Buffers calls a varint and delimits
 * messages with.
 *
 * | length | on the wire |
 * | --- | --- |
 * | `2` | `02 48 49` |
 * | `300` | `ac 02`, and the 300 bytes |
 *
 * Sources: <https://protobuf.dev/programming-guides/encoding/#varints>, and for
 * `"zigzag"` <https://avro.apache.org/docs/1.12.0/specification/#binary-encoding>;
 * for `"vlq"` the Standard MIDI Files specification and ITU-T X.690, section 8.1.2.4.2.
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
 * @example A peer that keeps three bytes free and writes the length last
 * ```ts
 * import { varintPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = varintPrefixed({ overlong: "accept", maxLengthBytes: 3 });
 * const hi = new TextEncoder().encode("HI");
 * assertEquals(codec.decode(Uint8Array.of(0x82, 0x80, 0x00, ...hi)), [hi]);
 * assertEquals(codec.encode(hi), Uint8Array.of(0x02, ...hi));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `VARINT_OVERLONG` if a
 * length is not in its shortest form or has more than `maxLengthBytes`, and
 * `LENGTH_INVALID` if it is negative.
 *
 * @param options The encoding of the length, and the limit.
 * @returns The codec.
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If an option has none of its values.
 */
export function varintPrefixed(
  options: VarintPrefixedOptions = {},
): PrefixedCodec {
  const description = describeCodec("varintPrefixed", options, [
    ...limitNames,
    "copy",
    "encoding",
    "overlong",
    "maxLengthBytes",
  ]);
  const {
    encoding = "leb128",
    overlong = "reject",
    maxLengthBytes = MAX_VARINT_LENGTH,
  } = options;
  checkChoice("encoding", encoding, ["leb128", "vlq", "zigzag"]);
  checkChoice("overlong", overlong, ["reject", "accept"]);
  checkCount("maxLengthBytes", maxLengthBytes, 1, MAX_VARINT_LENGTH);
  const limit = frameLimit(options);
  const bits = 7 * maxLengthBytes - (encoding === "zigzag" ? 1 : 0);
  const most = 2 ** bits - 1;
  const writeHeader = (length: number, output: ByteWriter) => {
    limit.checkEncoded(length);
    if (length > most) throw tooLargeForField(length, most);
    if (encoding === "vlq") writeVlq(length, output);
    else writeLeb128(encoding === "zigzag" ? 2 * length : length, output);
  };
  return {
    ...prefixed({
      name: "varintPrefixed",
      limit,
      copy: options.copy ?? false,
      header: () =>
        new VarintHeader(encoding, overlong === "accept", maxLengthBytes),
      writeHeader,
      writeFrame(frame, output) {
        writeHeader(frame.length, output);
        output.write(frame);
      },
    }),
    description,
  };
}

class VarintHeader implements FrameHeader<Uint8Array> {
  readonly missing: string = "a whole length";
  readonly #encoding: VarintEncoding;
  readonly #mayBePadded: boolean;
  readonly #maxBytes: number;
  length = 0;
  bodyLength = 0;

  constructor(
    encoding: VarintEncoding,
    mayBePadded: boolean,
    maxBytes: number,
  ) {
    this.#encoding = encoding;
    this.#mayBePadded = mayBePadded;
    this.#maxBytes = maxBytes;
  }

  read(input: ByteQueue): boolean {
    const isVlq = this.#encoding === "vlq";
    const there = Math.min(input.length, this.#maxBytes);
    let value = 0;
    let unit = 1;
    for (let i = 0; i < there; i++) {
      const byte = input.at(i);
      const bits = byte & 0x7f;
      // Above 2^53 the value is rounded, but every limit is below that.
      value = isVlq ? value * 0x80 + bits : value + bits * unit;
      unit *= 0x80;
      if (byte < 0x80) {
        this.length = i + 1;
        this.bodyLength = this.#lengthOf(value, input, isVlq ? 0 : i);
        return true;
      }
    }
    if (there < this.#maxBytes) return false;
    throw tooManyBytes(input, `at most ${this.#maxBytes} bytes`, "more");
  }

  /** The length in a varint whose highest bits stand at the index `highest`. */
  #lengthOf(value: number, input: ByteQueue, highest: number): number {
    const isPadded = this.length > 1 && (input.at(highest) & 0x7f) === 0;
    if (isPadded && !this.#mayBePadded) {
      throw tooManyBytes(input, "the shortest form of the length", "a longer");
    }
    if (this.#encoding !== "zigzag") return value;
    if ((input.at(0) & 1) === 0) return value / 2;
    throw new FrameError("LENGTH_INVALID", {
      reason: "The length is negative",
      offset: input.frameOffset,
      expected: "at least 0",
      got: `${-(value + 1) / 2}`,
    });
  }
}

function tooManyBytes(
  input: ByteQueue,
  expected: string,
  got: string,
): FrameError {
  return new FrameError("VARINT_OVERLONG", {
    reason: "The length is too long in bytes",
    offset: input.frameOffset,
    expected,
    got,
  });
}

function writeLeb128(value: number, output: ByteWriter): void {
  let rest = value;
  while (rest >= 0x80) {
    output.writeByte(rest % 0x80 + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  output.writeByte(rest);
}

function writeVlq(value: number, output: ByteWriter): void {
  let unit = 1;
  while (value >= unit * 0x80) unit *= 0x80;
  for (; unit > 1; unit /= 0x80) {
    output.writeByte(Math.floor(value / unit) % 0x80 + 0x80);
  }
  output.writeByte(value % 0x80);
}
