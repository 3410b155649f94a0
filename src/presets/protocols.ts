/** The framing of binary protocols that anyone may have to talk. */

import { FrameError } from "../codec/errors.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import type { Codec } from "../codec/types.ts";
import { varintPrefixed } from "../codec/formats/varint_prefixed.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import { fixedHeader } from "./fixed_header.ts";
import type { PresetOptions } from "./types.ts";

/**
 * Delimited Protocol Buffers messages, each behind its length as a varint:
 * `writeDelimitedTo` and `parseDelimitedFrom` in Java and C++,
 * `encodeDelimited` in protobuf.js. Like these readers, the decoder takes padded
 * lengths.
 *
 * Documentation of the peer:
 * <https://protobuf.dev/programming-guides/techniques/#streaming>.
 *
 * @example
 * ```ts
 * import { protobufDelimited } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // protobuf-java 3.21.12: StringValue.of("HI").writeDelimitedTo(out)
 * const bytes = Uint8Array.of(0x04, 0x0a, 0x02, 0x48, 0x49);
 * assertEquals(protobufDelimited().decode(bytes), [bytes.subarray(1)]);
 * ```
 *
 * @param options The limit.
 * @returns The codec.
 */
export function protobufDelimited(
  options: PresetOptions = {},
): Codec<Uint8Array> {
  const described = describePreset("protobufDelimited", options, presetNames);
  return described(varintPrefixed({ ...options, overlong: "accept" }));
}

/** A message of {@linkcode grpc}. */
export interface GrpcMessage {
  /** Whether the body is compressed, as the `grpc-encoding` header says. */
  readonly compressed: boolean;
  /** The message, as it came: it is not decompressed. */
  readonly body: Uint8Array;
}

/**
 * gRPC's length-prefixed messages, as in HTTP/2 DATA frames: a flag that says
 * whether the message is compressed, a big-endian length of four bytes, and the
 * message. The limit is gRPC's default for received messages, 4 MiB.
 *
 * Documentation of the peer:
 * <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.
 *
 * @example
 * ```ts
 * import { grpc } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // @grpc/grpc-js 1.14.7, the data of a call
 * const bytes = Uint8Array.of(0, 0, 0, 0, 2, 0x48, 0x49);
 * const message = { compressed: false, body: new TextEncoder().encode("HI") };
 * assertEquals(grpc().decode(bytes), [message]);
 * assertEquals(grpc().encode(message), bytes);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `HEADER_INVALID` if the flag is neither 0 nor 1.
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function grpc(options: PresetOptions = {}): Codec<GrpcMessage> {
  const described = describePreset("grpc", options, presetNames);
  return described(fixedHeader({
    name: "grpc",
    headerLength: 5,
    lengthField: { lengthOffset: 1 },
    bodyLength: (header) => header.getUint32(1),
    checkHeader(header, offset) {
      const flag = header.getUint8(0);
      if (flag > 1) throw notFirst(offset, "0 or 1 as the flag", flag);
    },
    frame: (header, body) => ({ compressed: header.getUint8(0) === 1, body }),
    body: ({ body }) => body,
    writeHeader(header, { compressed }, length) {
      header.setUint8(0, compressed ? 1 : 0);
      header.setUint32(1, length);
    },
  }, { maxFrameLength: 4 * 1_048_576, ...options }));
}

/**
 * DNS over TCP, and over TLS inside the TLS stream: a big-endian length of two
 * bytes, and the message.
 *
 * Documentation: <https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2> and
 * <https://www.rfc-editor.org/rfc/rfc7766#section-8>.
 *
 * @example
 * ```ts
 * import { dnsTcp } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // The length and the first bytes of a query of 29 by dig 9.18
 * const message = Uint8Array.of(0x82, 0xf7, 0x01, 0x20);
 * assertEquals(
 *   dnsTcp().encode(message),
 *   Uint8Array.of(0x00, 0x04, 0x82, 0xf7, 0x01, 0x20),
 * );
 * ```
 *
 * @param options The limit, if not the maximum of the length field, 65,535.
 * @returns The codec.
 */
export function dnsTcp(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("dnsTcp", options, presetNames);
  return described(lengthPrefixed({
    maxFrameLength: 65_535,
    ...options,
    lengthBytes: 2,
  }));
}

/**
 * Kafka's requests and responses: the length as a big-endian int32, and the
 * message. The limit is the default of a broker's `socket.request.max.bytes`,
 * 100 MiB.
 *
 * Documentation of the peer: <https://kafka.apache.org/protocol.html#protocol_common>.
 *
 * @example
 * ```ts
 * import { kafka } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // kafkajs 2.2.4 asks for the versions
 * const bytes = Uint8Array.of(
 *   ...[0, 0, 0, 12],
 *   ...[0, 18, 0, 2, 0, 0, 0, 0, 0, 2, 0x6d, 0x65],
 * );
 * assertEquals(kafka().decode(bytes), [bytes.subarray(4)]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and
 * `LENGTH_INVALID` if a length is negative.
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function kafka(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("kafka", options, presetNames);
  return described(fixedHeader<Uint8Array>({
    name: "kafka",
    headerLength: 4,
    lengthField: { lengthBytes: 4 },
    bodyLength: (header) => header.getInt32(0),
    frame: (_header, body) => body,
    body: (body) => body,
    writeHeader: (header, _body, length) => header.setInt32(0, length),
  }, { maxFrameLength: 100 * 1_048_576, ...options }));
}

/** A message of {@linkcode postgres}. */
export interface PostgresMessage {
  /** The character that says what it is; `""` where there is none. */
  readonly type: string;
  /** What is behind the length. */
  readonly body: Uint8Array;
}

/** Options of {@linkcode postgres}. */
export type PostgresOptions = PresetOptions & {
  /**
   * Whether to read the messages of the start-up, which have no type:
   * StartupMessage, SSLRequest, GSSENCRequest and CancelRequest. Their `type`
   * is `""`.
   *
   * @default {false}
   */
  readonly startup?: boolean;
};

/**
 * PostgreSQL's messages, version 3 of the protocol, in both directions: a type
 * of one character, the length as a big-endian int32 that counts itself but not
 * the type, and the body. The single byte that answers an SSLRequest is not a
 * message.
 *
 * Documentation of the peer:
 * <https://www.postgresql.org/docs/current/protocol-message-formats.html>.
 *
 * @example
 * ```ts
 * import { postgres } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // pg-protocol 1.16.1
 * const sync = Uint8Array.of(0x53, 0, 0, 0, 4);
 * const message = { type: "S", body: new Uint8Array(0) };
 * assertEquals(postgres().decode(sync), [message]);
 * assertEquals(postgres().encode(message), sync);
 *
 * // psql 15: SSLRequest
 * const request = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);
 * assertEquals(
 *   postgres({ startup: true }).decode(request),
 *   [{ type: "", body: request.subarray(4) }],
 * );
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `LENGTH_INVALID`
 * if a length is below four, and `HEADER_INVALID` if a type to encode is not of
 * one character, or of none in the start-up.
 *
 * @param options The limit, and whether to read the start-up.
 * @returns The codec.
 */
export function postgres(
  options: PostgresOptions = {},
): Codec<PostgresMessage> {
  const described = describePreset("postgres", options, [
    "startup",
    ...presetNames,
  ]);
  const typeBytes = options.startup ? 0 : 1;
  return described(fixedHeader<PostgresMessage>({
    name: "postgres",
    headerLength: typeBytes + 4,
    lengthField: { lengthOffset: typeBytes },
    bodyLength: (header) => header.getInt32(typeBytes) - 4,
    frame: (header, body) => ({
      type: typeBytes > 0 ? String.fromCharCode(header.getUint8(0)) : "",
      body,
    }),
    body: ({ body }) => body,
    writeHeader(header, { type }, length) {
      if (type.length !== typeBytes || type > "\xff") {
        throw new FrameError("HEADER_INVALID", {
          reason: "The message does not have the type that it must have",
          expected: options.startup ? "no type" : "a type of one byte",
          got: JSON.stringify(type),
        });
      }
      if (typeBytes > 0) header.setUint8(0, type.charCodeAt(0));
      header.setInt32(typeBytes, length + 4);
    },
  }, options));
}

/**
 * ISO transport over TCP, which RDP and S7 use: `03 00`, and a big-endian
 * length of two bytes that counts the header of four bytes.
 *
 * Documentation: <https://www.rfc-editor.org/rfc/rfc1006#section-6>.
 *
 * @example
 * ```ts
 * import { tpkt } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x03, 0x00, 0x00, 0x07, 0x02, 0xf0, 0x80);
 * assertEquals(tpkt().decode(bytes), [bytes.subarray(4)]);
 * assertEquals(tpkt().encode(bytes.subarray(4)), bytes);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `LENGTH_INVALID`
 * if a length is below four, and `HEADER_INVALID` if the version is not 3. The
 * second byte is reserved: the encoder writes 0, and the decoder ignores it.
 *
 * @param options The limit, if not the maximum of the length field, 65,531.
 * @returns The codec.
 */
export function tpkt(options: PresetOptions = {}): Codec<Uint8Array> {
  const described = describePreset("tpkt", options, presetNames);
  const most = 65_535 - 4;
  return described(fixedHeader<Uint8Array>({
    name: "tpkt",
    headerLength: 4,
    lengthField: { lengthOffset: 2, lengthBytes: 2 },
    maxBodyLength: most,
    bodyLength: (header) => header.getUint16(2) - 4,
    checkHeader(header, offset) {
      const version = header.getUint8(0);
      if (version !== 3) throw notFirst(offset, "3 as the version", version);
    },
    frame: (_header, body) => body,
    body: (body) => body,
    writeHeader(header, _body, length) {
      header.setUint8(0, 3);
      header.setUint16(2, length + 4);
    },
  }, { maxFrameLength: most, ...options }));
}

function notFirst(offset: number, expected: string, got: number): FrameError {
  return new FrameError("HEADER_INVALID", {
    reason: "The header does not begin as it must",
    offset,
    expected,
    got: `${got}`,
  });
}
