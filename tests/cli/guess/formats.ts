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
    header: (random) => [between(random, 1, 6)],
  },
  {
    expression: "length(4, little, offset=4)",
    contents: any,
    header: (random) => [0xca, 0xfe, 1, between(random, 0, 3)],
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
      command: between(random, 1, 12),
      wantsReply: random.chance(0.4),
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

function mqttPublish(body: Uint8Array): Uint8Array {
  const rest = [0, 3, 0x61, 0x2f, 0x62, ...body];
  const length = [];
  let left = rest.length;
  for (; left >= 128; left >>= 7) length.push(left & 127 | 128);
  length.push(left);
  return Uint8Array.of(0x30, ...length, ...rest);
}
