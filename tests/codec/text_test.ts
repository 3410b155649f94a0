import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { FrameError, lengthPrefixed, text } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { cutAt } from "../support/cuts.ts";

const frames = lengthPrefixed({ lengthBytes: 1 });

test("text() reads and writes UTF-8", () => {
  const codec = text(frames);
  assertEquals(codec.encode("粘包"), hex("06 e7b298 e58c85"));
  assertEquals(codec.decode(hex("06 e7b298 e58c85 00")), ["粘包", ""]);
});

test("text() keeps a byte order mark", () => {
  assertEquals(text(frames).decode(hex("03 efbbbf")), ["\ufeff"]);
});

test("text() reads the encodings of TextDecoder", () => {
  // What the fifth tutorial's server says when a command prints nothing.
  const success = hex("08 d6b4 d0d0 b3c9 b9a6");
  assertEquals(text(frames, "gbk").decode(success), ["执行成功"]);
});

test("text() cannot write an encoding that it only has for reading", () => {
  assertThrows(() => text(frames, "gbk").encode("你"), TypeError, "gbk");
});

test("text() writes with a pair of functions", () => {
  const latin1 = {
    decode: (bytes: Uint8Array) => String.fromCharCode(...bytes),
    encode: (value: string) =>
      Uint8Array.from(value, (char) => char.charCodeAt(0)),
  };
  const codec = text(frames, latin1);
  assertEquals(codec.encode("é"), hex("01 e9"));
  assertEquals(codec.decode(hex("01 e9")), ["é"]);
});

test("text() refuses a label that TextDecoder does not know", () => {
  assertThrows(() => text(frames, "no-such-encoding"), RangeError);
});

test("text() gives U+FFFD for bytes that are no text, or refuses them", () => {
  assertEquals(text(frames).decode(hex("01 ff")), ["\ufffd"]);
  const error = assertThrows(
    () => text(frames, "utf-8", { fatal: true }).decode(hex("01 41 01 ff")),
    FrameError,
  );
  assertEquals(error.code, "TEXT_INVALID");
  assertEquals(error.offset, 2);
});

test("text() takes a U+FFFD that was sent as one where fatal is asked for", () => {
  const codec = text(frames, "utf-8", { fatal: true });
  const sent = ["\ufffd", "a\ufffd\u00e4\ufffd", "\ufeff\ufffd"];
  for (const one of sent) {
    assertEquals(codec.decode(codec.encode(one)), [one]);
  }
  for (const bytes of ["ef bf bd ff", "ff ef bf bd", "ef bf", "ef ef bf bd"]) {
    const error = assertThrows(
      () => codec.decode(frames.encode(hex(bytes))),
      FrameError,
    );
    assertEquals(error.code, "TEXT_INVALID");
  }
});

test("text() refuses a lone surrogate where fatal is asked for", () => {
  const error = assertThrows(
    () => text(frames, "utf-8", { fatal: true }).encode("\ud800"),
    FrameError,
  );
  assertEquals(error.code, "TEXT_INVALID");
  assertEquals(text(frames).encode("\ud800").subarray(1), utf8("\ufffd"));
});

/** Frames of which most are ASCII, some other text, and some no text at all. */
const anyFrame = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ max: 127, maxLength: 200 }) },
  fc.string({ unit: "binary", maxLength: 50 }).map(utf8),
  fc.uint8Array({ maxLength: 8 }),
  fc.uint8Array({ max: 127, minLength: 5_000, maxLength: 9_000 }),
);

for (const fatal of [false, true]) {
  test(`text() gives each frame the text of its own bytes when many come together, fatal: ${fatal}`, () => {
    const long = lengthPrefixed({ lengthBytes: 2 });
    const one = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
    const textOf = (frame: Uint8Array) => {
      try {
        return one.decode(frame);
      } catch {
        return "not text";
      }
    };
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 60 }),
        fc.array(fc.nat(20_000), { maxLength: 4 }),
        (frames, cuts) => {
          const invalid: string[] = [];
          const decoder = text(long, "utf-8", {
            fatal,
            onInvalid: "skip",
            onSkip: () => invalid.push("not text"),
          }).decoder();
          const decoded: string[] = [];
          const bytes = concat(frames.map((frame) => long.encode(frame)));
          for (const chunk of cutAt(bytes, cuts)) {
            decoder.push(chunk.slice());
            for (
              let frame = decoder.next();
              frame !== undefined;
              frame = decoder.next()
            ) decoded.push(...invalid.splice(0), frame);
          }
          decoded.push(...invalid);
          assertEquals(decoded, frames.map(textOf));
        },
      ),
    );
  });
}
