import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { slip } from "../../src/codec/mod.ts";
import { hex } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

for (
  const [frame, wire] of [
    ["41", "41 c0"],
    ["c0", "db dc c0"],
    ["db", "db dd c0"],
    ["01 c0 02 db 03", "01 db dc 02 db dd 03 c0"],
    ["c0 c0 db db", "db dc db dc db dd db dd c0"],
    ["dc dd", "dc dd c0"],
  ] as const
) {
  test(`slip() writes and reads ${frame}`, () => {
    assertEquals(slip().encode(hex(frame)), hex(wire));
    assertDecodes(() => slip(), hex(wire), { frames: [hex(frame)] });
  });
}

test("slip() passes over empty packets, such as an END before a packet", () => {
  assertDecodes(() => slip(), hex("c0 41 c0 c0 c0 42 c0"), {
    frames: [hex("41"), hex("42")],
  });
});

test("slip() refuses to write an empty packet", () => {
  const error = frameError(() => slip().encode(hex("")));
  assertEquals(error.code, "LENGTH_INVALID");
});

test("slip() refuses an escape followed by anything else", () => {
  for (const wrong of ["db 41 c0", "db c0", "db db dc c0", "41 db de c0"]) {
    assertDecodes(() => slip(), hex(`42 c0 ${wrong}`), {
      frames: [hex("42")],
      error: { code: "MARK_INVALID", offset: 2 },
    });
  }
});

test("slip() keeps what follows an unknown escape when asked to, as the RFC's program does", () => {
  const codec = slip({ unknownEscapes: "keep" });
  assertDecodes(() => codec, hex("41 db42 dbdb dbdc dbdd c0"), {
    frames: [hex("41 42 db c0 db")],
  });
  assertDecodes(() => codec, hex("41 db c0"), {
    frames: [],
    error: { code: "MARK_INVALID", offset: 0 },
  });
});

test("slip() writes an END before each packet when asked to", () => {
  assertEquals(slip({ endFirst: true }).encode(hex("41")), hex("c0 41 c0"));
});

test("slip() passes over what lies before the next END when asked to", () => {
  assertDecodes(
    (onSkip) => slip({ onInvalid: "skip", onSkip }),
    hex("41 db42 c0 43 c0 db c0 c0 44 c0"),
    {
      frames: [hex("43"), hex("44")],
      skipped: [
        { code: "MARK_INVALID", offset: 0 },
        { code: "MARK_INVALID", offset: 6 },
      ],
    },
  );
});

test("slip() refuses a frame over the limit in both directions", () => {
  const codec = slip({ maxFrameLength: 2 });
  assertEquals(codec.decode(codec.encode(hex("c0 db"))), [hex("c0 db")]);
  // The last has no end yet, and is too long whatever comes.
  for (const wire of ["414243 c0", "dbdc dbdc dbdc c0", "4142434445"]) {
    assertDecodes(() => codec, hex(wire), {
      frames: [],
      error: { code: "FRAME_TOO_LARGE", offset: 0 },
    });
  }
  assertEquals(
    frameError(() => codec.encode(hex("010203"))).code,
    "FRAME_TOO_LARGE",
  );
});

test("slip() passes over frames over the limit when asked to", () => {
  assertDecodes(
    (onSkip) => slip({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    hex("41 c0 010203 c0 42 c0 0102030405060708 c0 dbdc43 c0"),
    {
      frames: [hex("41"), hex("42"), hex("c043")],
      skipped: [2, 8],
    },
  );
});

test("slip() refuses a frame that ends too early", () => {
  assertDecodes(() => slip(), hex("41 c0 42 db"), {
    frames: [hex("41")],
    error: { code: "FRAME_TRUNCATED", offset: 2 },
  });
});

test("slip() gives back every frame that is not empty", () => {
  const byte = fc.oneof(fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd), fc.nat(255));
  fc.assert(fc.property(
    fc.array(byte, { minLength: 1, maxLength: 200 }),
    (bytes) => {
      const frame = Uint8Array.from(bytes);
      const codec = slip({ maxFrameLength: frame.length });
      assertEquals(codec.decode(codec.encode(frame)), [frame]);
    },
  ));
});
