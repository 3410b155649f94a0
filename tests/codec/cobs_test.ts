import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { cobs } from "../../src/codec/mod.ts";
import { hex } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const upTo = (last: number) =>
  Uint8Array.from({ length: last }, (_, i) => i + 1);

// The examples of the paper and of its common summaries.
for (
  const [frame, wire] of [
    ["", "01 00"],
    ["00", "01 01 00"],
    ["00 00", "01 01 01 00"],
    ["00 11 00", "01 02 11 01 00"],
    ["11 22 00 33", "03 11 22 02 33 00"],
    ["11 22 33 44", "05 11 22 33 44 00"],
    ["11 00 00 00", "02 11 01 01 01 00"],
  ] as const
) {
  test(`cobs() writes and reads ${frame || "an empty frame"}`, () => {
    assertEquals(cobs().encode(hex(frame)), hex(wire));
    assertDecodes(() => cobs(), hex(wire), { frames: [hex(frame)] });
  });
}

test("cobs() writes no extra byte after a final full block", () => {
  const bytes = cobs().encode(upTo(254));
  assertEquals(bytes.length, 256);
  assertEquals(bytes[0], 255);
  assertEquals(cobs({ maxFrameLength: 254 }).decode(bytes), [upTo(254)]);
});

test("cobs() reads the extra byte that others write there", () => {
  const bytes = Uint8Array.of(255, ...upTo(254), 1, 0);
  assertEquals(cobs({ maxFrameLength: 254 }).decode(bytes), [upTo(254)]);
});

test("cobs() gives a zero behind a full block a block of its own", () => {
  const frame = Uint8Array.of(...upTo(254), 0);
  const bytes = cobs().encode(frame);
  assertEquals(bytes, Uint8Array.of(255, ...upTo(254), 1, 1, 0));
  assertEquals(cobs().decode(bytes), [frame]);
});

test("cobs() passes over lone zeros", () => {
  assertDecodes(() => cobs(), hex("00 00 02 41 00 00 02 42 00"), {
    frames: [hex("41"), hex("42")],
  });
});

test("cobs() refuses a block that goes beyond the frame", () => {
  assertDecodes(() => cobs(), hex("02 41 00 05 41 00"), {
    frames: [hex("41")],
    error: { code: "MARK_INVALID", offset: 3 },
  });
});

test("cobs() passes over what lies before the next zero when asked to", () => {
  assertDecodes(
    (onSkip) => cobs({ onInvalid: "skip", onSkip }),
    hex("22 02 33 00 03 11 22 02 33 00 00 02 00 05 00 01 00"),
    {
      frames: [hex("11 22 00 33"), hex("")],
      skipped: [
        { code: "MARK_INVALID", offset: 0 },
        { code: "MARK_INVALID", offset: 11 },
        { code: "MARK_INVALID", offset: 13 },
      ],
    },
  );
});

test("cobs() refuses a frame over the limit in both directions", () => {
  const codec = cobs({ maxFrameLength: 3 });
  assertEquals(codec.decode(codec.encode(hex("010203"))), [hex("010203")]);
  const four = cobs().encode(hex("01020304"));
  assertDecodes(() => codec, four, {
    frames: [],
    error: { code: "FRAME_TOO_LARGE", offset: 0 },
  });
  const error = frameError(() => codec.encode(hex("01020304")));
  assertEquals(error.code, "FRAME_TOO_LARGE");
});

test("cobs() refuses a frame that ends too early", () => {
  assertDecodes(() => cobs(), hex("02 41 00 02 41"), {
    frames: [hex("41")],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
});

test("cobs() refuses a frame that ends too early where it passes over others, too", () => {
  assertDecodes(() => cobs({ onInvalid: "skip" }), hex("05 41 00 05 41"), {
    frames: [],
    skipped: [],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
});

test("cobs() gives back every frame, of any length and any zeros", () => {
  const byte = fc.oneof(fc.constant(0), fc.nat(255));
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 1200 }),
    fc.array(byte, { maxLength: 20 }),
    (bytes, more) => {
      const frame = Uint8Array.of(...bytes, ...more);
      const codec = cobs({ maxFrameLength: frame.length });
      const wire = codec.encode(frame);
      assertEquals(wire.indexOf(0), wire.length - 1);
      assertEquals(codec.decode(wire), [frame]);
    },
  ));
});
