import { parseFormat } from "../../../src/format/mod.ts";
import type { Sample } from "../../../src/cli/guess/types.ts";

/** Random numbers from a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = this.#state + 0x6d2b79f5 >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(0, 255));
  }
}

const words =
  "the temperature of pump seven is above its limit and sensor reports error status ready device motor valve open closed level pressure value alarm user login order item price total city street name start stop reset world hello message server client über naïve café"
    .split(" ");
const encoder = new TextEncoder();

function sentence(random: Random, most = 16): string {
  return Array.from({ length: random.int(1, most) }, () => random.pick(words))
    .join(" ");
}

function json(random: Random): string {
  const kind = random.pick(["reading", "order", "event", "ack"]);
  return JSON.stringify({
    type: kind,
    id: random.int(1, 100_000),
    ...(random.next() < 0.7 && { name: sentence(random, 4) }),
    ...(random.next() < 0.5 &&
      {
        values: Array.from(
          { length: random.int(0, 6) },
          () => random.int(-50, 900) / 10,
        ),
      }),
    ok: random.next() < 0.5,
  });
}

/** A message of Protocol Buffers with a few fields. */
export function protobuf(random: Random): Uint8Array {
  const out: number[] = [];
  const varint = (value: number) => {
    for (; value >= 128; value = Math.floor(value / 128)) {
      out.push(value % 128 + 128);
    }
    out.push(value);
  };
  out.push(0x08);
  varint(random.int(1, 100_000));
  const text = encoder.encode(sentence(random, 4));
  out.push(0x12);
  varint(text.length);
  out.push(...text);
  if (random.next() < 0.6) out.push(0x1d, ...random.bytes(4));
  if (random.next() < 0.6) {
    out.push(0x20);
    varint(random.int(0, 3_000));
  }
  return Uint8Array.from(out);
}

/** A record as C programs send it: a type, a counter, numbers with many zeros. */
function record(random: Random, count: number): Uint8Array {
  const length = 8 + 4 * random.int(0, 12);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint16(0, random.int(1, 5));
  view.setUint16(2, count);
  for (let at = 4; at + 4 <= length; at += 4) {
    view.setInt32(at, random.int(-500, 2_000));
  }
  return new Uint8Array(view.buffer);
}

/** A record of a fixed length: a mark, a type, a count, a time, and numbers. */
function measurement(random: Random, count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint16(0, 0xa55a);
  view.setUint8(2, random.int(1, 3));
  view.setUint8(3, count);
  view.setUint32(4, 1_700_000_000 + 5 * count);
  view.setFloat32(8, 20 + random.next());
  view.setInt16(12, random.int(-300, 300));
  view.setUint16(14, random.int(0, 65_535));
  new Uint8Array(view.buffer).set(
    encoder.encode(random.pick(["pump", "valve", "motor"])),
    16,
  );
  return new Uint8Array(view.buffer);
}

export type Content =
  | "random"
  | "text"
  | "json"
  | "protobuf"
  | "record"
  | "mixed";

function content(
  random: Random,
  kind: Content,
  count: number,
  scale: number,
): Uint8Array {
  switch (kind) {
    case "random":
      return random.bytes(random.int(1, scale));
    case "text":
      return encoder.encode(sentence(random, Math.ceil(scale / 8)));
    case "json":
      return encoder.encode(json(random));
    case "protobuf":
      return protobuf(random);
    case "record":
      return record(random, count);
    default:
      return content(
        random,
        random.pick(["random", "text", "json", "record"] as const),
        count,
        scale,
      );
  }
}

export interface Format {
  readonly expression: string;
  /** What its frames can hold. */
  readonly contents: readonly Content[];
  /** Frames other than bytes, from their content. */
  wrap?(body: Uint8Array, random: Random, count: number): unknown;
  readonly noEmpty?: boolean;
  readonly mostLength?: number;
  /** Bytes that the content must not have. */
  readonly without?: string;
  /** Bytes before the length that the encoder leaves as zeros. */
  readonly header?: (random: Random) => readonly number[];
}

const any: readonly Content[] = [
  "random",
  "text",
  "json",
  "protobuf",
  "record",
  "mixed",
];
const texts: readonly Content[] = ["text", "json"];

export const formats: readonly Format[] = [
  { expression: "length(1)", contents: any, mostLength: 255 },
  { expression: "length(2)", contents: any },
  { expression: "length(2, little)", contents: any },
  { expression: "length(4)", contents: any },
  { expression: "length(4, little)", contents: any },
  { expression: "length(3)", contents: any },
  { expression: "length(8)", contents: any },
  { expression: "length(2, includes=frame)", contents: any },
  { expression: "length(4, little, includes=frame)", contents: any },
  {
    expression: "length(2, offset=1)",
    contents: any,
    header: (random) => [random.int(1, 6)],
  },
  {
    expression: "length(4, little, offset=4)",
    contents: any,
    header: (random) => [0xca, 0xfe, 1, random.int(0, 3)],
  },
  { expression: "length(4, encoding=decimal)", contents: any },
  { expression: "varint", contents: any },
  { expression: "netstring", contents: any },
  { expression: "lines", contents: texts },
  { expression: 'delimited("\\0")', contents: texts, without: "\0" },
  { expression: 'delimited("|")', contents: texts, without: "|" },
  { expression: 'delimited("\\x03")', contents: texts, without: "\x03" },
  { expression: 'delimited("\\r")', contents: texts, without: "\r" },
  { expression: "content-length", contents: any },
  { expression: "cobs", contents: any },
  { expression: "slip", contents: any, noEmpty: true },
  { expression: "hdlc", contents: any },
  {
    expression: "stuffed(0x7e, 0x7d, {xor: 0x20})",
    contents: any,
    noEmpty: true,
  },
  { expression: 'marked("\\x02", "\\x03")', contents: any, without: "\x03" },
  { expression: 'marked("<", ">")', contents: texts, without: ">" },
  { expression: "fixed(24)", contents: ["record"] },
  {
    expression: "command",
    contents: any,
    wrap: (body, random) => ({
      command: random.int(1, 12),
      wantsReply: random.next() < 0.4,
      body,
    }),
  },
  {
    expression: "json-header",
    contents: any,
    wrap: (body, random) => ({
      header: { kind: random.pick(["put", "get"]) },
      body,
    }),
  },
  { expression: "length(2) | checksum(crc16Modbus)", contents: any },
  { expression: "cobs | checksum(crc32)", contents: any },
  {
    expression: "preset:modbusTcp",
    contents: ["random"],
    wrap: (_body, random, count) => ({
      transactionId: count,
      unit: 1,
      pdu: Uint8Array.of(
        random.pick([3, 4, 6, 16]),
        ...random.bytes(random.pick([4, 4, 9, 21])),
      ),
    }),
  },
  {
    expression: "preset:mqtt",
    contents: any,
    wrap: (body, _random, count) =>
      count === 0 ? Uint8Array.of(0x20, 2, 0, 0) : mqttPublish(body),
  },
  {
    expression: "preset:hl7Mllp",
    contents: ["text"],
    wrap: (body) =>
      encoder.encode("MSH|^~\\&|A|B|" + new TextDecoder().decode(body) + "\r"),
  },
  {
    expression: "preset:syslogOctetCounting",
    contents: ["text"],
    noEmpty: true,
    wrap: (body) =>
      encoder.encode(
        "<13>Nov 21 03:16:08 vm app: " + new TextDecoder().decode(body),
      ),
  },
  {
    expression: "preset:resp",
    contents: any,
    wrap: (body) => ({
      type: "array",
      value: [{ type: "bulk", value: encoder.encode("SET") }, {
        type: "bulk",
        value: body,
      }],
    }),
  },
];

const bytes = (...parts: (readonly number[] | Uint8Array)[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** More formats, with options that are rarer. */
export const moreFormats: readonly Format[] = [
  { expression: "length(4, includes=frame)", contents: any },
  { expression: "length(2, little, includes=frame)", contents: any },
  { expression: "length(8, little)", contents: any },
  { expression: "length(3, little)", contents: any },
  {
    expression: "length(1, offset=1)",
    contents: any,
    mostLength: 255,
    header: (random) => [random.int(1, 9)],
  },
  {
    expression: "length(2, offset=2)",
    contents: any,
    header: (random) => [0xaa, random.int(1, 9)],
  },
  {
    expression: "length(2, little, offset=3)",
    contents: any,
    header: (random) => [0x55, 0xaa, random.int(1, 9)],
  },
  {
    expression: "length(4, offset=8)",
    contents: any,
    header: (random) => [0x4d, 0x53, 0x47, 1, 0, 0, 0, random.int(1, 9)],
  },
  {
    expression: "length(2, offset=1, adjustment=2)",
    wrap: (body) => bytes([1, 2], body),
    contents: any,
    header: () => [0x7e],
  },
  {
    expression: "length(4, adjustment=-4, offset=4)",
    contents: any,
    header: (random) => [1, 0, 0, random.int(0, 4)],
  },
  { expression: "length(4, encoding=hex)", contents: any },
  { expression: "length(8, encoding=decimal)", contents: any },
  { expression: "length(2, encoding=bcd)", contents: any },
  { expression: "varint(zigzag)", contents: any },
  { expression: "varint(vlq)", contents: any },
  { expression: "length | checksum(crc32)", contents: any },
  {
    expression: "length(2, little, stripBytes=0) | checksum(crc16Ccitt)",
    contents: any,
    wrap: (body) => bytes([0, 0], body),
  },
  { expression: "length(1) | checksum(xor8)", contents: any, mostLength: 200 },
  { expression: 'delimited(";")', contents: texts, without: ";" },
  { expression: 'delimited("\\x1e")', contents: texts },
  { expression: 'delimited("\\r\\n\\r\\n")', contents: texts },
  { expression: 'delimited("\\xff")', contents: texts },
  { expression: 'delimited("\\x04")', contents: texts },
  { expression: 'delimited("~")', contents: texts },
  { expression: 'delimited("$$")', contents: texts },
  {
    expression: 'marked("\\x02", "\\x03", trailerLength=1)',
    contents: texts,
    wrap: (body) => bytes(body, [body.reduce((a, b) => a ^ b, 3)]),
  },
  { expression: 'marked("\\x01", "\\x04")', contents: any, without: "\x04" },
  { expression: 'marked("[", "]")', contents: ["text"] },
  {
    expression: 'marked("\\xaa\\x55", "\\x55\\xaa")',
    contents: ["text", "json"],
  },
  { expression: "hdlc(fcs32)", contents: any },
  { expression: "slip(endFirst)", contents: any, noEmpty: true },
  { expression: "slip | checksum(crc16X25)", contents: any },
  {
    expression: "command(little)",
    contents: any,
    wrap: (body, random) => ({
      command: random.int(1, 12),
      wantsReply: random.next() < 0.4,
      body,
    }),
  },
  {
    expression: 'json-header(little, lengthKey="size")',
    contents: any,
    wrap: (body) => ({ header: { kind: "a" }, body }),
  },
  {
    expression: "preset:postgres",
    contents: any,
    wrap: (body, random) => ({
      type: random.pick(["D", "D", "D", "C", "Z", "T"]),
      body,
    }),
  },
  {
    expression: "preset:kafka",
    contents: any,
    wrap: (body, random, i) =>
      bytes([0, random.int(0, 18), 0, random.int(0, 9), 0, 0, 0, i], body),
  },
  { expression: "preset:tpkt", contents: any },
  {
    expression: "preset:grpc",
    contents: ["protobuf"],
    wrap: (body) => ({ compressed: false, body }),
  },
  {
    expression: "preset:nats",
    contents: ["text", "json"],
    wrap: (body, random) => ({
      op: "PUB",
      subject: random.pick(["a.b", "orders.new"]),
      payload: body,
    }),
  },
  {
    expression: "preset:memcached",
    contents: any,
    wrap: (body, random) => ({
      name: "set",
      words: [`key${random.int(0, 99)}`, "0", "0"],
      data: body,
    }),
  },
  {
    expression: "preset:stomp",
    contents: ["text", "json"],
    wrap: (body) => ({
      command: "SEND",
      headers: { destination: "/queue/a" },
      body,
    }),
  },
  {
    expression: "preset:jsonSeq",
    contents: ["json"],
    wrap: (body) => JSON.parse(new TextDecoder().decode(body)),
  },
  {
    expression: "preset:lsp",
    contents: ["json"],
    wrap: (body, _random, id) => ({
      jsonrpc: "2.0",
      id,
      method: "a",
      params: JSON.parse(new TextDecoder().decode(body)),
    }),
  },
  { expression: "preset:protobufDelimited", contents: ["protobuf"] },
  {
    expression: "preset:nmea",
    contents: ["text"],
    wrap: (_body, random) =>
      `$GPGLL,${random.int(1000, 9999)}.45,N,${
        random.int(10000, 19999)
      }.12,W,225444,A,`,
  },
  {
    expression: "fixed(13)",
    contents: ["record"],
    wrap: (_body, random, i) =>
      bytes([0x16, 1, i], random.bytes(4), [random.int(0, 4), 0, 0, 0, 9, 9]),
  },
  {
    expression: "fixed(64)",
    contents: ["record"],
    wrap: (_body, random, i) =>
      bytes(measurement(random, i), measurement(random, i), [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ]),
  },
];

function mqttPublish(body: Uint8Array): Uint8Array {
  const rest = [0, 3, 0x61, 0x2f, 0x62, ...body];
  const length = [];
  let left = rest.length;
  for (; left >= 128; left >>= 7) length.push(left & 127 | 128);
  length.push(left);
  return Uint8Array.of(0x30, ...length, ...rest);
}

/** A capture of a format: one to three directions, each cut somewhere. */
export function captureOf(format: Format, seed: number): Sample[] {
  const random = new Random(seed);
  const codec = parseFormat(format.expression);
  const kind = random.pick(format.contents);
  const scale = random.pick([20, 60, 60, 200, 800]);
  const withEmpty = !format.noEmpty && format.wrap === undefined &&
    random.next() < 0.3;
  const directions = random.pick([1, 1, 1, 2, 3]);
  const total = random.int(10, 60);
  return Array.from({ length: directions }, () => {
    const encode = codec.encoder();
    void encode;
    const parts: number[] = [];
    const frames = Math.ceil(total / directions);
    let last = 0;
    for (let i = 0; i < frames; i++) {
      let body = withEmpty && random.next() < 0.08
        ? new Uint8Array(0)
        : content(random, kind, i, scale);
      if (format.mostLength !== undefined) {
        body = body.subarray(0, format.mostLength);
      }
      if (format.expression.startsWith("fixed")) {
        const fixed = measurement(random, i);
        body = fixed;
      }
      const { without } = format;
      if (without !== undefined) {
        body = body.map((byte) => byte === without.charCodeAt(0) ? 0x41 : byte);
      }
      const frame = format.wrap?.(body, random, i) ??
        (format.expression === "lines" ? new TextDecoder().decode(body) : body);
      const bytes = codec.encode(frame);
      if (format.header !== undefined) bytes.set(format.header(random));
      last = bytes.length;
      for (const byte of bytes) parts.push(byte);
    }
    const cut = random.next() < 0.25 ? 0 : random.int(0, last - 1);
    return {
      bytes: Uint8Array.from(parts.slice(0, parts.length - cut)),
      ended: cut === 0 && random.next() < 0.5,
    };
  });
}
