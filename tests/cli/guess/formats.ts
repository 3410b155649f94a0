/** Formats, and what is sent in them. */

import type { Random } from "../../support/random.ts";
import { between, type Content } from "./contents.ts";

const encoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** A format, and how frames for it are made. */
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

/** What frames of bytes hold, and those of text. */
export const anyContent: readonly Content[] = [
  "random",
  "text",
  "json",
  "protobuf",
  "record",
  "mixed",
];
export const texts: readonly Content[] = ["text", "json"];

export const formats: readonly Format[] = [
  { expression: "length(1)", contents: anyContent, mostLength: 255 },
  { expression: "length(2)", contents: anyContent },
  { expression: "length(2, little)", contents: anyContent },
  { expression: "length(4)", contents: anyContent },
  { expression: "length(4, little)", contents: anyContent },
  { expression: "length(3)", contents: anyContent },
  { expression: "length(8)", contents: anyContent },
  { expression: "length(2, includes=frame)", contents: anyContent },
  { expression: "length(4, little, includes=frame)", contents: anyContent },
  {
    expression: "length(2, offset=1)",
    contents: anyContent,
    header: (random) => [between(random, 1, 6)],
  },
  {
    expression: "length(4, little, offset=4)",
    contents: anyContent,
    header: (random) => [0xca, 0xfe, 1, between(random, 0, 3)],
  },
  { expression: "length(4, encoding=decimal)", contents: anyContent },
  { expression: "varint", contents: anyContent },
  { expression: "netstring", contents: anyContent },
  { expression: "lines", contents: texts },
  { expression: 'delimited("\\0")', contents: texts, without: "\0" },
  { expression: 'delimited("|")', contents: texts, without: "|" },
  { expression: 'delimited("\\x03")', contents: texts, without: "\x03" },
  { expression: 'delimited("\\r")', contents: texts, without: "\r" },
  { expression: "content-length", contents: anyContent },
  { expression: "cobs", contents: anyContent },
  { expression: "slip", contents: anyContent, noEmpty: true },
  { expression: "hdlc", contents: anyContent },
  {
    expression: "stuffed(0x7e, 0x7d, {xor: 0x20})",
    contents: anyContent,
    noEmpty: true,
  },
  {
    expression: 'marked("\\x02", "\\x03")',
    contents: anyContent,
    without: "\x03",
  },
  { expression: 'marked("<", ">")', contents: texts, without: ">" },
  { expression: "fixed(24)", contents: ["record"] },
  {
    expression: "command",
    contents: anyContent,
    wrap: (body, random) => ({
      command: between(random, 1, 12),
      wantsReply: random.chance(0.4),
      body,
    }),
  },
  {
    expression: "json-header",
    contents: anyContent,
    wrap: (body, random) => ({
      header: { kind: random.pick(["put", "get"]) },
      body,
    }),
  },
  { expression: "length(2) | checksum(crc16Modbus)", contents: anyContent },
  { expression: "cobs | checksum(crc32)", contents: anyContent },
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
    contents: anyContent,
    wrap: (body, _random, count) =>
      count === 0 ? Uint8Array.of(0x20, 2, 0, 0) : mqttPublish(body),
  },
  {
    expression: "preset:hl7Mllp",
    contents: ["text"],
    wrap: (body) =>
      encoder.encode("MSH|^~\\&|A|B|" + textDecoder.decode(body) + "\r"),
  },
  {
    expression: "preset:syslogOctetCounting",
    contents: ["text"],
    noEmpty: true,
    wrap: (body) =>
      encoder.encode(
        "<13>Nov 21 03:16:08 vm app: " + textDecoder.decode(body),
      ),
  },
  {
    expression: "preset:resp",
    contents: anyContent,
    wrap: (body) => ({
      type: "array",
      value: [{ type: "bulk", value: encoder.encode("SET") }, {
        type: "bulk",
        value: body,
      }],
    }),
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
