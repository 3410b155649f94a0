/** More formats, with options that are rarer. */

import { between, measurement } from "./contents.ts";
import { anyContent, type Format, texts } from "./formats.ts";

const textDecoder = new TextDecoder();
const bytes = (...parts: (readonly number[] | Uint8Array)[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** More formats, with options that are rarer. */
export const moreFormats: readonly Format[] = [
  { expression: "length(4, includes=frame)", contents: anyContent },
  { expression: "length(2, little, includes=frame)", contents: anyContent },
  { expression: "length(8, little)", contents: anyContent },
  { expression: "length(3, little)", contents: anyContent },
  {
    expression: "length(1, offset=1)",
    contents: anyContent,
    mostLength: 255,
    header: (random) => [between(random, 1, 9)],
  },
  {
    expression: "length(2, offset=2)",
    contents: anyContent,
    header: (random) => [0xaa, between(random, 1, 9)],
  },
  {
    expression: "length(2, little, offset=3)",
    contents: anyContent,
    header: (random) => [0x55, 0xaa, between(random, 1, 9)],
  },
  {
    expression: "length(4, offset=8)",
    contents: anyContent,
    header: (random) => [0x4d, 0x53, 0x47, 1, 0, 0, 0, between(random, 1, 9)],
  },
  {
    expression: "length(2, offset=1, adjustment=2)",
    wrap: (body) => bytes([1, 2], body),
    contents: anyContent,
    header: () => [0x7e],
  },
  {
    expression: "length(4, adjustment=-4, offset=4)",
    contents: anyContent,
    header: (random) => [1, 0, 0, between(random, 0, 4)],
  },
  { expression: "length(4, encoding=hex)", contents: anyContent },
  { expression: "length(8, encoding=decimal)", contents: anyContent },
  { expression: "length(2, encoding=bcd)", contents: anyContent },
  { expression: "varint(zigzag)", contents: anyContent },
  { expression: "varint(vlq)", contents: anyContent },
  { expression: "length | checksum(crc32)", contents: anyContent },
  {
    expression: "length(2, little, stripBytes=0) | checksum(crc16Ccitt)",
    contents: anyContent,
    wrap: (body) => bytes([0, 0], body),
  },
  {
    expression: "length(1) | checksum(xor8)",
    contents: anyContent,
    mostLength: 200,
  },
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
  {
    expression: 'marked("\\x01", "\\x04")',
    contents: anyContent,
    without: "\x04",
  },
  { expression: 'marked("[", "]")', contents: ["text"] },
  {
    expression: 'marked("\\xaa\\x55", "\\x55\\xaa")',
    contents: ["text", "json"],
  },
  { expression: "hdlc(fcs32)", contents: anyContent },
  { expression: "slip(endFirst)", contents: anyContent, noEmpty: true },
  { expression: "slip | checksum(crc16X25)", contents: anyContent },
  {
    expression: "command(little)",
    contents: anyContent,
    wrap: (body, random) => ({
      command: between(random, 1, 12),
      wantsReply: random.chance(0.4),
      body,
    }),
  },
  {
    expression: 'json-header(little, lengthKey="size")',
    contents: anyContent,
    wrap: (body) => ({ header: { kind: "a" }, body }),
  },
  {
    expression: "preset:postgres",
    contents: anyContent,
    wrap: (body, random) => ({
      type: random.pick(["D", "D", "D", "C", "Z", "T"]),
      body,
    }),
  },
  {
    expression: "preset:kafka",
    contents: anyContent,
    wrap: (body, random, i) =>
      bytes(
        [0, between(random, 0, 18), 0, between(random, 0, 9), 0, 0, 0, i],
        body,
      ),
  },
  { expression: "preset:tpkt", contents: anyContent },
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
    contents: anyContent,
    wrap: (body, random) => ({
      name: "set",
      words: [`key${between(random, 0, 99)}`, "0", "0"],
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
    wrap: (body) => JSON.parse(textDecoder.decode(body)),
  },
  {
    expression: "preset:lsp",
    contents: ["json"],
    wrap: (body, _random, id) => ({
      jsonrpc: "2.0",
      id,
      method: "a",
      params: JSON.parse(textDecoder.decode(body)),
    }),
  },
  { expression: "preset:protobufDelimited", contents: ["protobuf"] },
  {
    expression: "preset:nmea",
    contents: ["text"],
    wrap: (_body, random) =>
      `$GPGLL,${between(random, 1000, 9999)}.45,N,${
        between(random, 10000, 19999)
      }.12,W,225444,A,`,
  },
  {
    expression: "fixed(13)",
    contents: ["record"],
    wrap: (_body, random, i) =>
      bytes([0x16, 1, i], random.bytes(4), [
        between(random, 0, 4),
        0,
        0,
        0,
        9,
        9,
      ]),
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
