import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  checksum,
  defineCodec,
  json,
  lengthPrefixed,
  mapCodec,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { formats, type Options } from "../support/formats.ts";
import { hex } from "../support/bytes.ts";

const over = { format: "lengthPrefixed" };

/** The least options of every format. */
const leastOptions: Readonly<Record<string, Options>> = {
  lengthPrefixed: {},
  fixedLength: { frameLength: 2 },
  delimited: { delimiter: "0a" },
  lines: {},
  netstring: {},
  contentLength: {},
  varintPrefixed: {},
  cobs: {},
  slip: {},
  stuffed: { end: 0xc0, escape: 0xdb, map: { 0xc0: 0xdc, 0xdb: 0xdd } },
  hdlc: {},
  marked: { start: "02", end: "03" },
  commandFrame: {},
  jsonHeader: {},
  headerPrefixed: { headerLength: 1, length: { at: 0, bytes: 1, add: 0 } },
  checksum: { over, kind: "crc32" },
  compressed: { over, kind: "gzip" },
  syslogAny: {},
  oncRpc: {},
  mysqlPackets: {},
  json: { over },
  ndjson: {},
  jsonSeq: {},
  nmea: {},
  p1: {},
  text: { over },
  modbusTcp: {},
  mqtt: {},
  nativeMessaging: {},
  minecraft: {},
  iso8583: {},
  gitPktLine: {},
  expression: { text: "cobs" },
  resp: {},
  stomp: {},
  awsEventStream: {},
};

test("Codec.encoder() is tested for every format", () => {
  assertEquals(Object.keys(leastOptions).sort(), Object.keys(formats).sort());
});

for (const [name, options] of Object.entries(leastOptions)) {
  test(`Codec.encoder() returns the same encoder each time when the codec is ${name}`, () => {
    const codec = formats[name]!.make(options);
    assertStrictEquals(codec.encoder(), codec.encoder());
  });
}

test("Codec.encoder() returns the same encoder each time when views lie over views", () => {
  const codec = json(checksum(lengthPrefixed(), "crc32"));
  assertStrictEquals(codec.encoder(), codec.encoder());
  assert(codec.encoder() !== json(lengthPrefixed()).encoder());
});

test("Codec.encoder() returns the same encoder each time when the codec is of headers alone", () => {
  for (const { header } of [lengthPrefixed(), varintPrefixed()]) {
    assertStrictEquals(header.encoder(), header.encoder());
  }
});

/** Frames of one byte, behind a byte that counts them. */
const numbered = defineCodec<Uint8Array>({
  name: "numbered",
  reader: () => ({
    read(input) {
      if (input.length < 2) return undefined;
      return input.take(1, 1);
    },
    finish: () => undefined,
  }),
  encoder: () => {
    let count = 0;
    return {
      encode(frame, output) {
        output.writeByte(count++);
        output.write(frame);
      },
    };
  },
});

test("Codec.encoder() returns one for each stream when the encoder keeps state", () => {
  const codecs = [
    numbered,
    mapCodec(numbered, {
      name: "mapped",
      decode: (frame) => frame,
      encode: (frame: Uint8Array) => frame,
    }),
    checksum(numbered, { length: 0, compute: () => hex("") }),
  ];
  for (const codec of codecs) {
    assert(codec.encoder() !== codec.encoder());
    assertEquals(codec.encode(hex("41")), hex("00 41"));
    assertEquals(codec.encode(hex("42")), hex("00 42"));
  }
  assert(text(numbered).encoder() !== text(numbered).encoder());
});

test("Codec.encode() returns bytes that are all of their buffer", () => {
  for (const length of [0, 1, 100, 5_000, 100_000]) {
    const bytes = lengthPrefixed().encode(new Uint8Array(length));
    assertStrictEquals(bytes.buffer.byteLength, 4 + length);
  }
});
