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
import { formats } from "../support/formats.ts";
import { codecOf, formatNamed, vectorFiles } from "../support/vectors.ts";
import { hex } from "../support/bytes.ts";

/** Each format with the options of its first vector. */
const files = vectorFiles();

test("Codec.encoder() is tested for every format", () => {
  assertEquals(
    [...new Set(files.map(({ format }) => format))].sort(),
    Object.keys(formats).sort(),
  );
});

for (const { file, format: name, vectors } of files) {
  test(`Codec.encoder() returns the same encoder each time when the codec is the first of ${file}`, () => {
    const codec = codecOf(formatNamed(name), vectors[0]?.options ?? {});
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
