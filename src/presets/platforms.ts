/** The framing that languages, platforms and their network libraries bring. */

import { limitNames } from "../codec/description.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import { checkCount } from "../checks.ts";
import { netstring } from "../codec/formats/netstring.ts";
import { text } from "../codec/views/text.ts";
import type {
  ByteFrameOptions,
  Codec,
  FrameLimitOptions,
} from "../codec/types.ts";
import { varintPrefixed } from "../codec/formats/varint_prefixed.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import { decodeModifiedUtf8, encodeModifiedUtf8 } from "./modified_utf8.ts";
import type { PresetOptions } from "./types.ts";

/**
 * Erlang's and Elixir's `{packet, 1 | 2 | 4}`: a big-endian length of that many
 * bytes.
 *
 * Documentation of the peer:
 * <https://www.erlang.org/doc/apps/kernel/inet.html#setopts/2>.
 *
 * @example
 * ```ts
 * import { erlang } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Erlang/OTP 25: gen_tcp:send(Socket, "HI") with {packet, 2}
 * const bytes = Uint8Array.of(0x00, 0x02, 0x48, 0x49);
 * assertEquals(erlang(2).encode(new TextEncoder().encode("HI")), bytes);
 * ```
 *
 * @param packet The size of the length in bytes, as in `{packet, 4}`.
 * @param options The limit; Erlang has none but `packet_size`.
 * @returns The codec.
 */
export function erlang(
  packet: 1 | 2 | 4,
  options: PresetOptions = {},
): Codec<Uint8Array> {
  const described = describePreset("erlang", options, presetNames, { packet });
  if (packet !== 1 && packet !== 2 && packet !== 4) {
    throw new RangeError(
      `Cannot use packet: expected 1, 2 or 4, got ${packet}`,
    );
  }
  return described(lengthPrefixed({ ...options, lengthBytes: packet }));
}

/**
 * The parameters of Netty's `LengthFieldBasedFrameDecoder`, with the same names
 * and meanings.
 */
export interface NettyOptions
  extends
    Omit<FrameLimitOptions, "maxFrameLength" | "maxEncodedLength">,
    ByteFrameOptions {
  /** The most bytes of a frame, those that are stripped included. */
  maxFrameLength: number;
  /** Where the length field begins. */
  lengthFieldOffset: number;
  /** How many bytes the length field has. */
  lengthFieldLength: 1 | 2 | 3 | 4 | 8;
  /**
   * A number to add to the length on the wire to get the number of bytes behind
   * the length field.
   *
   * @default {0}
   */
  lengthAdjustment?: number;
  /**
   * How many bytes the decoder removes from the start of a frame. With Netty's
   * default, frames include their header.
   *
   * @default {0}
   */
  initialBytesToStrip?: number;
  /**
   * The byte order of the length field: Netty's `ByteOrder`.
   *
   * @default {"big"}
   */
  byteOrder?: "big" | "little";
}

/**
 * The format that Netty's `LengthFieldBasedFrameDecoder` reads. The encoder is
 * its inverse, as `LengthFieldPrepender` is for the simple ones.
 *
 * Netty skips an oversized frame, reports it and continues: that is
 * `onOversize: "skip"` here, which is not the default.
 *
 * Documentation of the peer:
 * <https://netty.io/4.1/api/io/netty/handler/codec/LengthFieldBasedFrameDecoder.html>.
 *
 * @example
 * ```ts
 * import { netty } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = netty({
 *   maxFrameLength: 65_536,
 *   lengthFieldOffset: 0,
 *   lengthFieldLength: 4,
 *   initialBytesToStrip: 4,
 * });
 * // Netty 4.1.48: new LengthFieldPrepender(4)
 * const bytes = Uint8Array.of(0x00, 0x00, 0x00, 0x02, 0x48, 0x49);
 * assertEquals(codec.decode(bytes), [new TextEncoder().encode("HI")]);
 * ```
 *
 * @param options Netty's parameters.
 * @returns The codec.
 */
export function netty(options: NettyOptions): Codec<Uint8Array> {
  const described = describePreset("netty", options, [
    "lengthFieldOffset",
    "lengthFieldLength",
    "lengthAdjustment",
    "initialBytesToStrip",
    "byteOrder",
    "maxFrameLength",
    "onOversize",
    "onSkip",
    "copy",
  ]);
  const {
    maxFrameLength,
    lengthFieldOffset,
    lengthFieldLength,
    lengthAdjustment = 0,
    initialBytesToStrip = 0,
    byteOrder = "big",
    ...others
  } = options;
  checkCount("initialBytesToStrip", initialBytesToStrip, 0);
  checkCount("maxFrameLength", maxFrameLength, initialBytesToStrip);
  return described(lengthPrefixed({
    ...others,
    maxFrameLength: maxFrameLength - initialBytesToStrip,
    lengthOffset: lengthFieldOffset,
    lengthBytes: lengthFieldLength,
    lengthAdjustment,
    stripBytes: initialBytesToStrip,
    endian: byteOrder,
  }));
}

/**
 * The default of tokio-util's `LengthDelimitedCodec` (Rust): a big-endian length
 * of four bytes, and a limit of 8 MiB.
 *
 * Documentation of the peer:
 * <https://docs.rs/tokio-util/latest/tokio_util/codec/length_delimited/>.
 *
 * @example
 * ```ts
 * import { tokioUtil } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x00, 0x00, 0x00, 0x02, 0x48, 0x49);
 * assertEquals(tokioUtil().encode(new TextEncoder().encode("HI")), bytes);
 * ```
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function tokioUtil(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("tokioUtil", options, presetNames);
  return described(
    lengthPrefixed({ maxFrameLength: 8 * 1_048_576, ...options }),
  );
}

/** What Twisted's receivers have for `MAX_LENGTH`. */
const TWISTED_MAX_LENGTH = 99_999;

/**
 * Twisted's `Int16StringReceiver` (Python): a big-endian length of two bytes.
 *
 * Documentation of the peer:
 * <https://docs.twisted.org/en/stable/api/twisted.protocols.basic.Int16StringReceiver.html>.
 *
 * @example
 * ```ts
 * import { twistedInt16 } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Twisted 22.4.0: sendString(b"HI")
 * const bytes = Uint8Array.of(0x00, 0x02, 0x48, 0x49);
 * assertEquals(twistedInt16().encode(new TextEncoder().encode("HI")), bytes);
 * ```
 *
 * @param options Another limit than the 65,535 that the length can say.
 * @returns The codec.
 */
export function twistedInt16(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("twistedInt16", options, presetNames);
  return described(lengthPrefixed({
    maxFrameLength: 65_535,
    ...options,
    lengthBytes: 2,
  }));
}

/**
 * Twisted's `Int32StringReceiver` (Python): a big-endian length of four bytes,
 * and its `MAX_LENGTH` of 99,999.
 *
 * Documentation of the peer:
 * <https://docs.twisted.org/en/stable/api/twisted.protocols.basic.Int32StringReceiver.html>.
 *
 * @example
 * ```ts
 * import { twistedInt32 } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Twisted 22.4.0: sendString(b"HI")
 * const bytes = Uint8Array.of(0x00, 0x00, 0x00, 0x02, 0x48, 0x49);
 * assertEquals(twistedInt32().encode(new TextEncoder().encode("HI")), bytes);
 * ```
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function twistedInt32(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("twistedInt32", options, presetNames);
  return described(
    lengthPrefixed({ maxFrameLength: TWISTED_MAX_LENGTH, ...options }),
  );
}

/**
 * Twisted's `NetstringReceiver` (Python): netstrings, with its `MAX_LENGTH` of
 * 99,999.
 *
 * Documentation of the peer:
 * <https://docs.twisted.org/en/stable/api/twisted.protocols.basic.NetstringReceiver.html>.
 *
 * @example
 * ```ts
 * import { twistedNetstring } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Twisted 22.4.0: sendString(b"HI")
 * const bytes = new TextEncoder().encode("2:HI,");
 * const body = new TextEncoder().encode("HI");
 * assertEquals(twistedNetstring().encode(body), bytes);
 * assertEquals(twistedNetstring().decode(bytes), [body]);
 * ```
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function twistedNetstring(
  options: PresetOptions = {},
): Codec<Uint8Array> {
  const described = describePreset("twistedNetstring", options, presetNames);
  return described(
    netstring({ maxFrameLength: TWISTED_MAX_LENGTH, ...options }),
  );
}

/**
 * .NET's `BinaryWriter.Write(string)` and `BinaryReader.ReadString`: the length
 * of the text in bytes, as a 7-bit encoded integer (a varint) of at most five
 * bytes, and the text in UTF-8. Like `ReadString`, the decoder takes padded
 * lengths.
 *
 * Documentation of the peer:
 * <https://learn.microsoft.com/dotnet/api/system.io.binarywriter.write7bitencodedint>.
 *
 * @example
 * ```ts
 * import { dotnetString } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Mono 6.8: new BinaryWriter(stream).Write("你")
 * const bytes = Uint8Array.of(0x03, 0xe4, 0xbd, 0xa0);
 * assertEquals(dotnetString().encode("你"), bytes);
 * assertEquals(dotnetString().decode(bytes), ["你"]);
 * ```
 *
 * @param options The limit.
 * @returns The codec.
 */
export function dotnetString(options: FrameLimitOptions = {}): Codec<string> {
  const described = describePreset("dotnetString", options, limitNames);
  return described(text(varintPrefixed({
    ...options,
    overlong: "accept",
    maxLengthBytes: 5,
  })));
}

/**
 * Java's `DataOutputStream.writeUTF` and `DataInputStream.readUTF`: a
 * big-endian length of two bytes, and the text in modified UTF-8, which encodes
 * U+0000 as `c0 80` and characters above U+FFFF as two surrogates of three
 * bytes each. Every JavaScript string can be sent, including lone surrogates.
 *
 * Documentation of the peer:
 * <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/io/DataInput.html#modified-utf-8>.
 *
 * @example
 * ```ts
 * import { javaUtf } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // OpenJDK 17: new DataOutputStream(out).writeUTF("A\0é")
 * const bytes = Uint8Array.of(0, 5, 0x41, 0xc0, 0x80, 0xc3, 0xa9);
 * assertEquals(javaUtf().encode("A\0é"), bytes);
 * assertEquals(javaUtf().decode(bytes), ["A\0é"]);
 * ```
 *
 * Errors of its frames: those of `lengthPrefixed`, and `TEXT_INVALID`.
 *
 * @param options The limit, if not the maximum of the length field, 65,535.
 * @returns The codec.
 */
export function javaUtf(options: FrameLimitOptions = {}): Codec<string> {
  const described = describePreset("javaUtf", options, limitNames);
  return described(text(
    lengthPrefixed({ maxFrameLength: 65_535, ...options, lengthBytes: 2 }),
    { decode: decodeModifiedUtf8, encode: encodeModifiedUtf8 },
  ));
}
