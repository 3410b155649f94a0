// Two widely used packages for lengths as varints. Pure functions and streams in
// one process: once is enough.

import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { decode, encode } from "it-length-prefixed";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Duplex } from "node:stream";
import { varintPrefixed } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { randomCut, singleBytes } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const lengthPrefixedStream: {
  encode(): Duplex;
  decode(options?: { limit?: number; allowEmpty?: boolean }): Duplex;
} = createRequire(import.meta.url)("length-prefixed-stream");

const frames = ["HI", "", "你好", "a".repeat(127), "b".repeat(128)].map(utf8)
  .concat(new Uint8Array(300).fill(0x80));
const bytes = concat(frames.map((frame) => varintPrefixed().encode(frame)));
const cuts = [[bytes], singleBytes(bytes), randomCut(bytes, 1)];

test("varintPrefixed() reads what it-length-prefixed writes", () => {
  const theirs = concat([...encode(frames)].map((part) => part.subarray()));
  assertEquals(theirs, bytes);
  assertDecodes(() => varintPrefixed(), theirs, { frames });
  for (const size of [16_383, 16_384, 2_097_152]) {
    const frame = new Uint8Array(size);
    assertEquals(
      varintPrefixed({ maxFrameLength: size }).encode(frame),
      Uint8Array.from(encode.single(frame).subarray()),
    );
  }
});

test("it-length-prefixed reads what varintPrefixed() writes", () => {
  for (const chunks of cuts) assertEquals(readByIt(chunks), frames);
});

test("varintPrefixed() reads what length-prefixed-stream writes", async () => {
  const stream = lengthPrefixedStream.encode();
  for (const frame of frames) stream.write(frame);
  stream.end();
  assertEquals(concat(await collected(stream)), bytes);
});

test("length-prefixed-stream reads what varintPrefixed() writes", async () => {
  for (const chunks of cuts) {
    const stream = lengthPrefixedStream.decode({ allowEmpty: true });
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    assertEquals(await collected(stream), frames);
  }
});

test("it-length-prefixed takes an overlong length and loses its place, varintPrefixed() refuses it", () => {
  // The length 2 in two bytes, of which it takes one for the length.
  const overlong = hex("8200 4849");
  assertEquals(readByIt([overlong]), [hex("00 48")]);
  assertEquals(
    frameError(() => varintPrefixed().decode(overlong)).code,
    "VARINT_OVERLONG",
  );
});

test("it-length-prefixed ends quietly behind a length, varintPrefixed() says that the frame is cut", () => {
  assertEquals(readByIt([hex("02")]), []);
  assertThrows(() => readByIt([hex("02 48")]));
  for (const digits of ["02", "02 48", "82"]) {
    assertEquals(
      frameError(() => varintPrefixed().decode(hex(digits))).code,
      "FRAME_TRUNCATED",
    );
  }
});

test("length-prefixed-stream drops empty and cut frames and takes overlong lengths, unlike varintPrefixed()", async () => {
  const read = (digits: string) => {
    const stream = lengthPrefixedStream.decode();
    stream.end(hex(digits));
    return collected(stream);
  };
  assertEquals(await read("00 00 02 4849"), [utf8("HI")]);
  assertEquals(await read("02 4849 02 48"), [utf8("HI")]);
  assertEquals(await read("8200 4849"), [utf8("HI")]);
  assertEquals(varintPrefixed().decode(hex("00 00 02 4849")).length, 3);
});

function readByIt(chunks: readonly Uint8Array[]): Uint8Array[] {
  return [...decode(chunks)].map((frame) => Uint8Array.from(frame.subarray()));
}

async function collected(stream: Duplex): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
  return chunks;
}
