import { assertEquals } from "@std/assert";
import { test } from "node:test";
import type { FrameError } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import {
  WireBytes,
  wireCodec,
  type WireFrame,
} from "../../src/cli/wire_codec.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { everyCut } from "../support/cuts.ts";

/** Each frame as its place, its bytes and its value. */
function framesOf(expression: string, chunks: Iterable<Uint8Array>): unknown[] {
  const decoder = wireCodec(parseFormat(expression)).decoder();
  const frames: WireFrame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let one = decoder.next(); one !== undefined; one = decoder.next()) {
      frames.push(one);
    }
  }
  return frames.map(({ offset, bytes, value }) => [
    offset,
    new TextDecoder().decode(bytes),
    value,
  ]);
}

test("wireCodec() gives the place and the bytes of each frame, however they are cut", () => {
  const bytes = utf8("xx<a>\ny<bc><>");
  for (const { chunks } of everyCut(bytes)) {
    assertEquals(framesOf('marked("<", ">", onInvalid=skip) | text', chunks), [
      [2, "<a>", "a"],
      [7, "<bc>", "bc"],
      [11, "<>", ""],
    ]);
  }
});

test("wireCodec() adds the first bytes to the error of a frame", () => {
  const decoder = wireCodec(parseFormat("length(2) | max 16")).decoder();
  decoder.push(hex("000161" + "ffff6263"));
  assertEquals(decoder.next()?.offset, 0);
  try {
    decoder.next();
  } catch (error) {
    assertEquals((error as FrameError).bytes, hex("ffff6263"));
    assertEquals((error as FrameError).offset, 3);
    return;
  }
  throw new Error("It took a frame that is too large");
});

test("wireCodec() hands on what no frame has taken", () => {
  const decoder = wireCodec(parseFormat("lines")).decoder();
  decoder.push(utf8("one\ntwo\nrest"));
  assertEquals(decoder.next()?.value, "one");
  assertEquals(decoder.takeUnread(4), utf8("two\n"));
  decoder.push(utf8(" of it\n"));
  assertEquals(decoder.next(), {
    offset: 8,
    bytes: utf8("rest of it\n"),
    value: "rest of it",
  });
});

test("wireCodec() encodes frames, and sends bytes as they are", () => {
  const codec = wireCodec(parseFormat("length(1)"));
  assertEquals(codec.encode(utf8("ab")), hex("026162"));
  assertEquals(codec.encode(new WireBytes(hex("ff"))), hex("ff"));
});
