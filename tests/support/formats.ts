/** The formats of `tests/vectors/`: how their options and frames are written. */

import {
  checksum,
  cobs,
  type Codec,
  commandFrame,
  compressed,
  contentLength,
  delimited,
  fixedLength,
  hdlc,
  headerPrefixed,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  slip,
  stuffed,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import * as algorithms from "../../src/algorithms/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { bytesOf } from "./byte_notation.ts";

/** Options as a case gives them, and `onSkip`. */
export type Options = Readonly<Record<string, unknown>>;

/** A format and the way its cases write frames. */
export interface Format {
  /** Makes the codec. */
  make(options: Options): Codec<unknown>;
  /** The frame that a case writes as `json`. */
  frame(json: unknown): unknown;
}

/** All formats that have cases. */
export const formats: Readonly<Record<string, Format>> = {
  expression: of(({ text }: { text: string }) => parseFormat(text), bytes),
  lengthPrefixed: of(lengthPrefixed, bytes),
  fixedLength: of(withoutReports(fixedLength), bytes),
  delimited: of((options: Options) => {
    const { delimiter } = options;
    return delimited({
      ...options,
      delimiter: Array.isArray(delimiter)
        ? delimiter.map(bytes)
        : bytes(delimiter),
    });
  }, bytes),
  lines: of(lines, string),
  netstring: of(netstring, bytes),
  contentLength: of(
    (options: { headers?: false }) => contentLength(options) as Codec<unknown>,
    (json) => typeof json === "string" ? bytes(json) : withBody(json),
  ),
  varintPrefixed: of(varintPrefixed, bytes),
  cobs: of(cobs, bytes),
  slip: of(slip, bytes),
  stuffed: of(stuffed, bytes),
  hdlc: of(hdlc, bytes),
  marked: of((options: Options) => {
    const { start, end, between } = options;
    return marked({
      ...options,
      start: bytes(start),
      end: bytes(end),
      ...(Array.isArray(between) && { between: between.map(bytes) }),
    });
  }, bytes),
  commandFrame: of(commandFrame, withBody),
  jsonHeader: of((options: Options) => {
    const { digest: name, ...others } = options;
    const digest = [algorithms.md5, algorithms.sha256].find((one) =>
      one.name === name
    );
    return jsonHeader({ ...others, ...(digest && { digest }) });
  }, withBody),
  headerPrefixed: of((options: EndedOptions | CountedOptions) => {
    if ("headerEnd" in options) {
      return headerPrefixed({
        ...options,
        headerEnd: bytes(options.headerEnd),
        frameLength: (header) => header.length + numberIn(header),
      });
    }
    const { length, ...rest } = options;
    return headerPrefixed({ ...rest, frameLength: frameLengthOf(length) });
  }, bytes),
  checksum: of(
    (options: Over & { kind: ChecksumKind }) => {
      const { kind } = options;
      const isNamed = kind === "crc32" || kind === "crc32c";
      return checksum(under(options), isNamed ? kind : algorithms[kind]);
    },
    bytes,
  ),
  compressed: of(
    ({ kind, over, maxFrameLength = 1_048_576 }: Over & CompressionOptions) =>
      compressed(under({ over }), algorithms[kind], { maxFrameLength }),
    bytes,
  ),
  syslogAny: of(presets.syslogAny, bytes),
  oncRpc: of(withoutReports(presets.oncRpc), bytes),
  mysqlPackets: of(withoutReports(presets.mysqlPackets), withBody),
  json: of((options: Over) => json(under(options)), (value) => value),
  ndjson: of((options: Options) => presets.ndjson(options), (value) => value),
  jsonSeq: of((options: Options) => presets.jsonSeq(options), (value) => value),
  nmea: of(presets.nmea, string),
  p1: of(presets.p1, string),
  resp: of(withoutReports(presets.resp), respValue),
  stomp: of(presets.stomp, withBody),
  memcached: of(withoutReports(presets.memcached), memcachedMessage),
  nats: of(withoutReports(presets.nats), (json) => {
    const message = json as presets.NatsMessage;
    return {
      ...message,
      ...("headers" in message && { headers: bytes(message.headers) }),
      ...("payload" in message && { payload: bytes(message.payload) }),
    };
  }),
  awsEventStream: of(withoutReports(presets.awsEventStream), (json) => {
    const { headers, payload } = json as Record<string, unknown>;
    return { headers: bytes(headers), payload: bytes(payload) };
  }),
  text: of(
    ({ encoding = "utf-8", fatal = false, ...over }: Over & TextOptions) =>
      text(under(over), encoding, { fatal }),
    string,
  ),
  modbusTcp: of(presets.modbusTcp, (json) => {
    const frame = json as { transactionId: number; unit: number };
    return { ...frame, pdu: bytes((json as { pdu: unknown }).pdu) };
  }),
  mqtt: of(presets.mqtt, bytes),
  nativeMessaging: of(
    (options: Options) => presets.nativeMessaging(options) as Codec<unknown>,
    (value) => value,
  ),
  minecraft: of(presets.minecraft, bytes),
  iso8583: of(presets.iso8583, bytes),
  gitPktLine: of(
    presets.gitPktLine,
    (json) => isSpecialPacket(json) ? json : bytes(json),
  ),
  erlang: of(
    ({ packet, ...options }: { packet: 1 | 2 | 4 }) =>
      presets.erlang(packet, options),
    bytes,
  ),
  netty: of(presets.netty, bytes),
  tokioUtil: of(presets.tokioUtil, bytes),
  twistedInt16: of(presets.twistedInt16, bytes),
  twistedInt32: of(presets.twistedInt32, bytes),
  twistedNetstring: of(presets.twistedNetstring, bytes),
  dotnetString: of(presets.dotnetString, string),
  javaUtf: of(presets.javaUtf, string),
  protobufDelimited: of(presets.protobufDelimited, bytes),
  grpc: of(presets.grpc, withBody),
  lsp: of(
    (options: Options) => presets.lsp(options) as Codec<unknown>,
    (value) => value,
  ),
  dnsTcp: of(presets.dnsTcp, bytes),
  redisLines: of(presets.redisLines, string),
  kafka: of(presets.kafka, bytes),
  postgres: of(presets.postgres, withBody),
  tpkt: of(presets.tpkt, bytes),
  hl7Mllp: of(presets.hl7Mllp, bytes),
  syslogOctetCounting: of(presets.syslogOctetCounting, bytes),
  gob: of(presets.gob, bytes),
  csharpDemo: of(presets.csharpDemo, bytes),
  remoteCommand: of(
    (options: Options) =>
      presets.remoteCommand({ ...options, digest: algorithms.md5 }),
    withBody,
  ),
  mnetSocket: of(presets.mnetSocket, withBody),
  gbkOutput: of(presets.gbkOutput as () => Codec<string>, string),
  dlmsHdlc: of(presets.dlmsHdlc, (json) => {
    const frame = json as presets.DlmsHdlcFrame;
    return {
      ...frame,
      destination: bytes(frame.destination),
      source: bytes(frame.source),
      information: bytes(frame.information),
    };
  }),
};

function isSpecialPacket(
  json: unknown,
): json is Exclude<presets.GitPacket, Uint8Array> {
  return json === "flush" || json === "delimiter" || json === "response-end";
}

/** A value of RESP whose strings of bytes are written as bytes. */
function respValue(json: unknown): presets.RespValue {
  const node = json as presets.RespValue & { value: unknown };
  switch (node.type) {
    case "bulk":
    case "bulkError":
    case "verbatim":
      return {
        ...node,
        value: node.value === null ? null : bytes(node.value),
      } as presets.RespValue;
    case "array":
    case "set":
    case "push":
      return {
        ...node,
        value: node.value?.map(respValue) ?? null,
      } as presets.RespValue;
    case "map":
      return { ...node, value: respPairs(node.value) };
    case "attributed":
      return {
        ...node,
        attributes: respPairs(node.attributes),
        value: respValue(node.value),
      };
    default:
      return node;
  }
}

function respPairs(pairs: presets.RespPairs): presets.RespPairs {
  return pairs.map(([key, value]) => [respValue(key), respValue(value)]);
}

function memcachedMessage(json: unknown): presets.MemcachedMessage {
  const { data, items, ...line } = json as presets.MemcachedMessage;
  return {
    ...line,
    ...(data !== undefined && { data: bytes(data) }),
    ...(items !== undefined && { items: items.map(memcachedMessage) }),
  };
}

/** A frame with a body, and what the format has beside it. */
function withBody<T>(json: unknown): T & { body: Uint8Array } {
  const frame = json as T & { body: unknown };
  return { ...frame, body: bytes(frame.body) };
}

/** The end of a header whose only digits say how long the body is. */
interface EndedOptions {
  headerEnd: string;
}

interface CountedOptions {
  headerLength: number;
  /** Where the length is, and what to add to it; or where a varint begins. */
  length: { at: number; bytes: number; add: number } | {
    at: number;
    varint: true;
  };
}

function frameLengthOf(
  length: CountedOptions["length"],
): (header: Uint8Array) => number | undefined {
  const { at } = length;
  if (!("varint" in length)) {
    return (header) => {
      const field = header.subarray(at, at + length.bytes);
      return field.reduce((sum, byte) => sum * 256 + byte, 0) + length.add;
    };
  }
  return (header) => {
    let value = 0;
    for (let i = at; i < header.length; i++) {
      value += (header[i]! & 0x7f) * 128 ** (i - at);
      if (header[i]! < 0x80) return i + 1 + value;
    }
    return undefined;
  };
}

/** The digits of a header as a number; 0 without any. */
function numberIn(header: Uint8Array): number {
  const [digits = 0] = /-?\d+/.exec(new TextDecoder().decode(header)) ?? [];
  return Number(digits);
}

/** The options of a view: the format that it lies over. */
interface Over {
  over: { format: string; options?: Options };
  onSkip?: unknown;
}

type ChecksumKind =
  | "crc32"
  | "crc32c"
  | "crc16Modbus"
  | "crc16Ccitt"
  | "crc16X25"
  | "crc16Xmodem"
  | "xor8"
  | "lrc8"
  | "sum8";

interface CompressionOptions {
  kind: "gzip" | "deflate";
  maxFrameLength?: number;
}

interface TextOptions {
  encoding?: string;
  fatal?: boolean;
}

function under({ over, onSkip }: Over): Codec<Uint8Array> {
  const { format, options } = over;
  return formats[format]!.make({ ...options, onSkip }) as Codec<Uint8Array>;
}

function of<In, Out, CodecOptions>(
  make: (options: CodecOptions) => Codec<In, Out>,
  frame: (json: unknown) => In,
): Format {
  return {
    // The options are data: a wrong one is refused by the codec itself.
    make: (options) => make(options as CodecOptions) as Codec<unknown>,
    frame,
  };
}

/** Makes a codec that passes no frame over, so that it has no option for reports. */
function withoutReports<CodecOptions, C>(
  make: (options: CodecOptions) => C,
): (options: Options) => C {
  return ({ onSkip: _onSkip, ...options }) => make(options as CodecOptions);
}

function bytes(json: unknown): Uint8Array {
  if (typeof json !== "string") throw new TypeError(`Not bytes: ${json}`);
  return bytesOf(json);
}

/** Text, or a text that stands there several times. */
function string(json: unknown): string {
  if (typeof json === "string") return json;
  const { text, times } = json as { text: string; times: number };
  return text.repeat(times);
}
