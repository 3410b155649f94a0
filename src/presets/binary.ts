/** The framing of protocols whose frames begin with a length of a kind of its own. */

import { checkChoice } from "../checks.ts";
import { limitNames } from "../codec/description.ts";
import { FrameError } from "../codec/errors.ts";
import { headerPrefixed } from "../codec/formats/header_prefixed.ts";
import {
  lengthPrefixed,
  type LengthPrefixedOptions,
} from "../codec/formats/length_prefixed.ts";
import { varintPrefixed } from "../codec/formats/varint_prefixed.ts";
import { json, type JsonValue } from "../codec/views/json.ts";
import type { Codec, FrameLimitOptions } from "../codec/types.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import { fixedHeader } from "./fixed_header.ts";
import type { PresetOptions } from "./types.ts";

/** A request or a response of {@linkcode modbusTcp}. */
export interface ModbusTcpFrame {
  /** What the client chose, and the server repeats: 0 to 65,535. */
  readonly transactionId: number;
  /** The unit, also called slave, behind a gateway: 0 to 255. */
  readonly unit: number;
  /** The function code and its data. */
  readonly pdu: Uint8Array;
}

/**
 * Modbus over TCP: the MBAP header, which is the transaction, the protocol (0), the
 * length of what follows, each in two bytes big-endian, and the unit in one; and the
 * protocol data unit. The limit, on that alone, is the one of Modbus, 253 bytes, which
 * makes 260 with the header.
 *
 * Documentation: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3,
 * <https://modbus.org/docs/Modbus_Messaging_Implementation_Guide_V1_0b.pdf>.
 *
 * @example
 * ```ts
 * import { modbusTcp } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // jsmodbus 5.0.0: readHoldingRegisters(0, 1) of unit 1
 * const pdu = Uint8Array.of(3, 0, 0, 0, 1);
 * const bytes = Uint8Array.of(0, 1, 0, 0, 0, 6, 1, ...pdu);
 * const request = { transactionId: 1, unit: 1, pdu };
 * assertEquals(modbusTcp().decode(bytes), [request]);
 * assertEquals(modbusTcp().encode(request), bytes);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `LENGTH_INVALID` if a
 * length does not even count the unit, and `HEADER_INVALID` if the protocol is not 0,
 * or a number to encode does not fit its field.
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function modbusTcp(options: PresetOptions = {}): Codec<ModbusTcpFrame> {
  const described = describePreset("modbusTcp", options, presetNames);
  return described(fixedHeader<ModbusTcpFrame>({
    name: "modbusTcp",
    headerLength: 7,
    lengthField: { lengthOffset: 4, lengthBytes: 2 },
    maxBodyLength: 65_534,
    bodyLength: (header) => header.getUint16(4) - 1,
    checkHeader(header, offset) {
      const protocol = header.getUint16(2);
      if (protocol === 0) return;
      throw headerInvalid("0 as the protocol", protocol, offset);
    },
    frame: (header, pdu) => ({
      transactionId: header.getUint16(0),
      unit: header.getUint8(6),
      pdu,
    }),
    body: ({ pdu }) => pdu,
    writeHeader(header, { transactionId, unit }, length) {
      checkField("transactionId", transactionId, 0xffff);
      checkField("unit", unit, 0xff);
      header.setUint16(0, transactionId);
      header.setUint16(4, length + 1);
      header.setUint8(6, unit);
    },
  }, { maxFrameLength: 253, ...options }));
}

/**
 * MQTT's control packets, of all versions: a byte with the type and the flags, the
 * length of the rest in one to four bytes, and the rest. Frames are whole packets with
 * their header. MQTT itself allows packets of 256 MiB; the limit is that of all
 * formats here.
 *
 * The decoder takes a length that is not in its shortest form, which MQTT 3.1.1 does
 * not forbid.
 *
 * Documentation:
 * <https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html>, section 2.1.
 *
 * @example
 * ```ts
 * import { mqtt } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // mqtt-packet 9.0.2: a ping, and “HI” published as “a”
 * const ping = Uint8Array.of(0xc0, 0);
 * const publish = Uint8Array.of(0x30, 5, 0, 1, 0x61, 0x48, 0x49);
 * const bytes = Uint8Array.of(...ping, ...publish);
 * assertEquals(mqtt().decode(bytes), [ping, publish]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `HEADER_INVALID` if a
 * type is 0 or a length has more than four bytes, and `LENGTH_INVALID` if a packet to
 * encode does not have the length that its header says.
 *
 * @param options Another limit, on whole packets.
 * @returns The codec.
 */
export function mqtt(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("mqtt", options, presetNames);
  return described(headerPrefixed({
    ...options,
    headerLength: 2,
    maxHeaderLength: 5,
    frameLength: mqttLength,
  }));
}

function mqttLength(header: Uint8Array): number | undefined {
  const first = header[0]!;
  if (first < 0x10) throw headerInvalid("a type from 1 to 15", 0);
  let length = 0;
  for (let i = 1; i < header.length; i++) {
    length += (header[i]! & 0x7f) * 128 ** (i - 1);
    if (header[i]! < 0x80) return i + 1 + length;
  }
  return undefined;
}

/**
 * The native messaging of Chrome, Edge and Firefox, between a browser extension and a
 * program on the same machine: a length of four bytes in the byte order of the
 * machine, which is little-endian wherever these browsers run, and JSON.
 *
 * The limits are those of the program (the host): it may send 1 MiB, and gets at most
 * the 64 MiB that Chrome sends.
 *
 * Documentation of the peers:
 * <https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host-protocol>,
 * <https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging>.
 *
 * @example
 * ```ts
 * import { nativeMessaging } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // chrome-native-messaging 0.2.0: new Output().write({ text: "HI" })
 * const text = new TextEncoder().encode('{"text":"HI"}');
 * const bytes = Uint8Array.of(0x0d, 0, 0, 0, ...text);
 * assertEquals(nativeMessaging().encode({ text: "HI" }), bytes);
 * assertEquals(nativeMessaging().decode(bytes), [{ text: "HI" }]);
 * ```
 *
 * Errors of its frames: those of `lengthPrefixed`, and `MESSAGE_INVALID`.
 *
 * @param options Other limits, such as those of the browser.
 * @returns The codec.
 */
export function nativeMessaging(
  options: FrameLimitOptions = {},
): Codec<JsonValue> {
  const described = describePreset("nativeMessaging", options, limitNames);
  return described(json(lengthPrefixed({
    maxFrameLength: 64 * 1_048_576,
    maxEncodedLength: 1_048_576,
    ...options,
    endian: "little",
  })));
}

/**
 * The packets of Minecraft's Java Edition, before encryption and without looking into
 * compressed ones: a length of at most three bytes as an unsigned LEB128, and that many
 * bytes. Servers and proxies that keep three bytes free write `82 80 00` for 2, which
 * the decoder takes. The legacy ping of a server, which begins with `fe`, is no packet.
 *
 * Documentation of the peer:
 * <https://minecraft.wiki/w/Java_Edition_protocol/Packets#Packet_format>.
 *
 * @example
 * ```ts
 * import { minecraft } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // minecraft-protocol 1.54.0: ping() asks for the status of 127.0.0.1:44197
 * const handshake = Uint8Array.of(
 *   ...[0x00, 0xfb, 0x05, 9],
 *   ...new TextEncoder().encode("127.0.0.1"),
 *   ...[0xac, 0xa5, 1],
 * );
 * const request = Uint8Array.of(0x00);
 * const bytes = Uint8Array.of(16, ...handshake, 1, ...request);
 * assertEquals(minecraft().decode(bytes), [handshake, request]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and `VARINT_OVERLONG` if
 * a length has more than three bytes.
 *
 * @param options The limit, if not the maximum of the length, 2,097,151.
 * @returns The codec.
 */
export function minecraft(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("minecraft", options, presetNames);
  return described(varintPrefixed({
    maxFrameLength: 2 ** 21 - 1,
    ...options,
    encoding: "leb128",
    overlong: "accept",
    maxLengthBytes: 3,
  }));
}

/** Options of {@linkcode iso8583}. */
export type Iso8583Options = PresetOptions & {
  /**
   * How the length is written, which ISO 8583 leaves to the peers.
   *
   * | `length` | 300 on the wire | jPOS |
   * | --- | --- | --- |
   * | `"binary"` | `01 2c` | `NACChannel` |
   * | `"bcd"` | `03 00` | `NCCChannel` |
   * | `"ascii"` | `30 33 30 30` (“0300”) | `ASCIIChannel` |
   *
   * @default {"binary"}
   */
  readonly length?: "binary" | "bcd" | "ascii";
};

/** The length fields by their names. */
const ISO8583_LENGTHS: Readonly<
  Record<"binary" | "bcd" | "ascii", LengthPrefixedOptions>
> = {
  binary: { lengthBytes: 2 },
  bcd: { lengthBytes: 2, lengthEncoding: "bcd" },
  ascii: { lengthBytes: 4, lengthEncoding: "decimal" },
};

/**
 * ISO 8583 messages of payment cards over TCP, each behind its length: two bytes
 * big-endian, two of binary-coded decimal, or four decimal digits. The length does not
 * count itself. The codec does not decode the messages themselves.
 *
 * Documentation of a peer:
 * <https://jpos.org/doc/javadoc/org/jpos/iso/channel/package-summary.html>.
 *
 * @example
 * ```ts
 * import { iso8583 } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // An echo test in ASCII: its type, two bitmaps that say field 70, and that field
 * const text = "0800" + "8000000000000000" + "0400000000000000" + "301";
 * const message = new TextEncoder().encode(text);
 * assertEquals(
 *   iso8583({ length: "ascii" }).encode(message),
 *   new TextEncoder().encode("0039" + text),
 * );
 * assertEquals(
 *   iso8583({ length: "bcd" }).encode(message),
 *   Uint8Array.of(0x00, 0x39, ...message),
 * );
 * ```
 *
 * Errors of its frames: those of `lengthPrefixed`.
 *
 * @param options The length, and the limit, if not the maximum of its field.
 * @returns The codec.
 */
export function iso8583(options: Iso8583Options = {}): Codec<Uint8Array> {
  const described = describePreset("iso8583", options, [
    "length",
    ...presetNames,
  ]);
  const { length = "binary", ...others } = options;
  checkChoice("length", length, ["binary", "bcd", "ascii"]);
  return described(lengthPrefixed({ ...others, ...ISO8583_LENGTHS[length] }));
}

function checkField(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw headerInvalid(`${name} from 0 to ${most}`, value);
}

function headerInvalid(
  expected: string,
  got: number,
  offset?: number,
): FrameError {
  return new FrameError("HEADER_INVALID", {
    reason: "The header has a value that it cannot have",
    offset,
    expected,
    got: `${got}`,
  });
}
