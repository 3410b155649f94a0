import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FrameError, marked } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const mllp = { start: "\x0b", end: "\x1c\r" };
const tags = { start: "<<", end: ">>" };

test("marked() reads and writes frames between marks", () => {
  assertEquals(marked(mllp).encode(utf8("MSH|^~")), utf8("\x0bMSH|^~\x1c\r"));
  assertDecodes(() => marked(tags), utf8("<<one>><<>><<a>b>>"), {
    frames: [utf8("one"), utf8(""), utf8("a>b")],
  });
});

test("marked() takes a start mark inside a frame for content", () => {
  assertDecodes(() => marked(tags), utf8("<<a<<b>>"), {
    frames: [utf8("a<<b")],
  });
});

test("marked() refuses what stands between frames", () => {
  assertDecodes(() => marked(tags), utf8("<<a>>\n<<b>>"), {
    frames: [utf8("a")],
    error: { code: "MARK_INVALID", offset: 5 },
  });
  assertDecodes(() => marked(tags), utf8("<a>>"), {
    frames: [],
    error: { code: "MARK_INVALID", offset: 0 },
  });
});

test("marked() passes over what stands between frames when asked to", () => {
  assertDecodes(
    () => marked({ ...tags, between: "skip" }),
    utf8("noise<<a>>\n<<<b>>> <"),
    { frames: [utf8("a"), utf8("<b")] },
  );
});

test("marked() tells the offset behind what it passed over", () => {
  assertDecodes(
    () => marked({ ...tags, between: "skip", maxFrameLength: 2 }),
    utf8("noise<<abc>>"),
    { frames: [], error: { code: "FRAME_TOO_LARGE", offset: 5 } },
  );
});

test("marked() refuses a frame that ends too early", () => {
  for (const cut of ["<", "<<", "<<a", "<<a>"]) {
    assertDecodes(() => marked(tags), utf8(`<<x>>${cut}`), {
      frames: [utf8("x")],
      error: { code: "FRAME_TRUNCATED", offset: 5 },
    });
  }
});

test("marked() refuses a frame over the limit in both directions", () => {
  const codec = marked({ ...tags, maxFrameLength: 3 });
  assertDecodes(() => codec, utf8("<<abc>><<abcd>>"), {
    frames: [utf8("abc")],
    error: { code: "FRAME_TOO_LARGE", offset: 7 },
  });
  const error = frameError(() => codec.encode(utf8("abcd")));
  assertEquals(error.code, "FRAME_TOO_LARGE");
});

test("marked() passes over frames over the limit when asked to", () => {
  assertDecodes(
    (onSkip) =>
      marked({ ...tags, maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8("<<a>><<abcdef>><<b>>"),
    { frames: [utf8("a"), utf8("b")], skipped: [5] },
  );
});

test("marked() refuses to write a frame with its end mark in it", () => {
  for (const frame of ["a>>b", ">>", "a>"]) {
    const error = assertThrows(
      () => marked(tags).encode(utf8(frame)),
      FrameError,
    );
    assertEquals(error.code, "DELIMITER_IN_FRAME");
  }
});

test("marked() refuses an empty mark", () => {
  assertThrows(() => marked({ start: "", end: "x" }), TypeError);
  assertThrows(() => marked({ start: "x", end: hex("") }), TypeError);
});

test("marked() gives back every frame that it writes", () => {
  const piece = fc.constantFrom("<", ">", "a", "<<");
  fc.assert(fc.property(
    fc.array(fc.array(piece, { maxLength: 6 })),
    (frames) => {
      const codec = marked(tags);
      const written = frames.map((parts) => utf8(parts.join(""))).filter(
        (frame) => {
          try {
            codec.encode(frame);
            return true;
          } catch (error) {
            return !(error instanceof FrameError);
          }
        },
      );
      const wire = written.flatMap((frame) => [...codec.encode(frame)]);
      assertEquals(codec.decode(Uint8Array.from(wire)), written);
    },
  ));
});
