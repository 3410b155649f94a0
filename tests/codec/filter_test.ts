import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  filter,
  FrameError,
  json,
  lengthPrefixed,
  lines,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { assertDecodes } from "../support/run_decoder.ts";

const filled = filter(lines(), (line) => line !== "");

test("filter() leaves out the frames that are not kept", () => {
  assertDecodes(() => filled, utf8("\n\na\n\nb\nc"), {
    frames: ["a", "b", "c"],
  });
  assertDecodes(() => filled, utf8("\n\n"), { frames: [] });
});

test("filter() leaves the errors, the offsets and the rest of its codec as they are", () => {
  const frames = filter(
    lengthPrefixed({ lengthBytes: 1 }),
    ({ length }) => length > 0,
  );
  assertDecodes(() => frames, hex("00 01 61 00 02 62"), {
    frames: [utf8("a")],
    error: { code: "FRAME_TRUNCATED", offset: 4 },
  });
  const decoder = frames.decoder();
  decoder.push(hex("00 01 61 00 02"));
  assertEquals(decoder.next(), utf8("a"));
  assertStrictEquals(decoder.frameOffset, 1);
  assertEquals(decoder.takeUnread(), hex("00 02"));
});

test("filter() lets frames that keep a connection alive stand between JSON", () => {
  const frames = lengthPrefixed({ lengthBytes: 1 });
  const codec = json(filter(frames, ({ length }) => length > 0));
  assertDecodes(() => codec, hex("01 31 00 00 01 32"), { frames: [1, 2] });
});

test("filter() encodes every frame, with the encoder of its codec", () => {
  const codec = lines();
  const view = filter(codec, () => false);
  assertEquals(view.encode(""), utf8("\n"));
  assertStrictEquals(view.encoder(), codec.encoder());
});

test("filter() ends with the error that its function throws", () => {
  const codec = filter(lines(), (line) => {
    if (line === "a") return true;
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The line is not allowed",
      expected: "a",
      got: line,
    });
  });
  assertDecodes(() => codec, utf8("a\nb\na\n"), {
    frames: ["a"],
    error: { code: "MESSAGE_INVALID", offset: 2 },
  });
  const decoder = codec.decoder();
  decoder.push(utf8("b\n"));
  const error = assertThrows(() => decoder.next(), FrameError);
  decoder.push(utf8("a\n"));
  assertStrictEquals(assertThrows(() => decoder.next()), error);
  assertStrictEquals(decoder.bufferedBytes, 0);
  decoder.end();
  assertThrows(() => decoder.push(utf8("a\n")), TypeError);
});
