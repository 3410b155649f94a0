import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { stuffed, type StuffedOptions } from "../../src/codec/mod.ts";
import { hex } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

// Frames end with 0a. The escape, 5c, stands for itself when it is doubled.
const doubled = { end: 0x0a, escape: 0x5c, map: { 0x0a: 0x6e, 0x5c: 0x5c } };
const xored = {
  end: 0x7e,
  escape: 0x7d,
  map: { xor: 0x20, also: [0x11, 0x13] },
};

for (
  const [options, frame, wire] of [
    [doubled, "41", "41 0a"],
    [doubled, "0a", "5c 6e 0a"],
    [doubled, "5c", "5c 5c 0a"],
    [doubled, "6e 5c 6e 0a", "6e 5c 5c 6e 5c 6e 0a"],
    [xored, "41", "41 7e"],
    [xored, "7e 7d", "7d 5e 7d 5d 7e"],
    [xored, "10 11 12 13", "10 7d 31 12 7d 33 7e"],
    [xored, "5e 5d 31", "5e 5d 31 7e"],
  ] as const
) {
  test(`stuffed() writes and reads ${frame} with the escape ${options.escape}`, () => {
    assertEquals(stuffed(options).encode(hex(frame)), hex(wire));
    assertDecodes(() => stuffed(options), hex(wire), { frames: [hex(frame)] });
  });
}

test("stuffed() reads escapes that it does not write when there is a rule", () => {
  assertDecodes(() => stuffed(xored), hex("7d61 7d7d 7d00 7e"), {
    frames: [hex("41 5d 20")],
  });
});

test("stuffed() reads bytes of the list that are not escaped", () => {
  const options = { ...doubled, map: { ...doubled.map, 0x0d: 0x72 } };
  assertEquals(stuffed(options).encode(hex("0d")), hex("5c 72 0a"));
  assertDecodes(() => stuffed(options), hex("0d 5c72 0a"), {
    frames: [hex("0d 0d")],
  });
});

test("stuffed() writes the end byte first when asked to, and reads both", () => {
  const codec = stuffed({ ...doubled, endFirst: true });
  assertEquals(codec.encode(hex("41 0a")), hex("0a 41 5c6e 0a"));
  assertDecodes(() => codec, hex("0a41 0a0a42 0a43 0a"), {
    frames: [hex("41"), hex("42"), hex("43")],
  });
});

test("stuffed() takes an unknown escape as an error, or keeps the byte behind it", () => {
  const wire = hex("41 5c42 43 0a");
  assertDecodes(() => stuffed(doubled), wire, {
    frames: [],
    error: { code: "MARK_INVALID", offset: 0 },
  });
  const keeps = stuffed({ ...doubled, unknownEscapes: "keep" });
  assertDecodes(() => keeps, wire, { frames: [hex("41 42 43")] });
  assertDecodes(() => keeps, hex("5c6e 5c5c 0a"), { frames: [hex("0a 5c")] });
  assertDecodes(() => keeps, hex("41 0a 42 5c 0a"), {
    frames: [hex("41")],
    error: { code: "MARK_INVALID", offset: 2 },
  });
});

test("stuffed() passes over what lies before the next end byte when asked to", () => {
  assertDecodes(
    (onSkip) => stuffed({ ...doubled, onInvalid: "skip", onSkip }),
    hex("41 0a 41 5c42 0a 0a 43 0a 5c 0a 44 0a"),
    {
      frames: [hex("41"), hex("43"), hex("44")],
      skipped: [
        { code: "MARK_INVALID", offset: 2 },
        { code: "MARK_INVALID", offset: 9 },
      ],
    },
  );
});

test("stuffed() refuses a frame over the limit in both directions", () => {
  const codec = stuffed({ ...doubled, maxFrameLength: 2 });
  assertEquals(codec.decode(codec.encode(hex("0a 5c"))), [hex("0a 5c")]);
  for (const wire of ["414243 0a", "5c6e 5c6e 5c6e 0a", "4142434445"]) {
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

test("stuffed() refuses to write an empty frame", () => {
  const error = frameError(() => stuffed(doubled).encode(hex("")));
  assertEquals(error.code, "LENGTH_INVALID");
});

const wrong: readonly [string, Partial<StuffedOptions>, string][] = [
  ["an end that is no byte", { end: 256 }, "Cannot use end"],
  ["an escape that is no byte", { escape: -1 }, "Cannot use escape"],
  ["an escape that is the end", { escape: 0x0a }, "Cannot use escape"],
  [
    "a list without the end",
    { map: { 0x5c: 0x5c } },
    "Cannot use map: expected what stands for 0x0a, got none",
  ],
  [
    "a list without the escape",
    { map: { 0x0a: 0x6e } },
    "Cannot use map: expected what stands for 0x5c, got none",
  ],
  [
    "a list whose bytes collide",
    { map: { 0x0a: 0x6e, 0x5c: 0x6e } },
    "Cannot use map: expected a byte of its own for each byte, got 0x6e",
  ],
  [
    "a list with the end in it",
    { map: { 0x0a: 0x0a, 0x5c: 0x5c } },
    "Cannot use map: expected other bytes than end behind the escape, got 0x0a",
  ],
  ["a list of no bytes", { map: { 0x0a: 0x6e, 0x5c: 0x100 } }, "map"],
  ["a list for no bytes", { map: { ...doubled.map, 0x100: 1 } }, "map"],
  ["a list for names", { map: { ...doubled.map, a: 1 } as never }, "map"],
  ["a rule that changes nothing", { map: { xor: 0 } }, "Cannot use map.xor"],
  ["a rule of nine bits", { map: { xor: 0x120 } }, "Cannot use map.xor"],
  [
    "a rule that makes the end of the escape",
    { end: 0x7e, escape: 0x5e, map: { xor: 0x20 } },
    "Cannot use map: expected other bytes than end behind the escape, got 0x7e",
  ],
  [
    "a rule for no bytes",
    { map: { xor: 0x20, also: [256] } },
    "Cannot use map.also",
  ],
];

for (const [what, options, message] of wrong) {
  test(`stuffed() refuses ${what}`, () => {
    assertThrows(
      () => stuffed({ ...doubled, ...options }),
      RangeError,
      message,
    );
  });
}

test("stuffed() refuses options that have none of their values", () => {
  for (
    const [name, options] of Object.entries({
      map: { map: undefined },
      unknownEscapes: { unknownEscapes: "drop" },
      onInvalid: { onInvalid: "drop" },
    })
  ) {
    assertThrows(
      () => stuffed({ ...doubled, ...options } as never),
      TypeError,
      `Cannot use ${name}`,
    );
  }
});

test("stuffed() gives back every frame that is not empty", () => {
  const byte = fc.nat(255);
  const distinct = fc.uniqueArray(byte, { minLength: 5, maxLength: 8 });
  fc.assert(fc.property(
    distinct,
    fc.integer({ min: 1, max: 255 }),
    fc.boolean(),
    fc.array(fc.oneof(fc.nat(7), byte), { minLength: 1, maxLength: 60 }),
    ([end, escape, ...codes], xor, byRule, bytes) => {
      const [first, second, ...also] = codes;
      fc.pre((escape! ^ xor) !== end);
      const map = byRule
        ? { xor, also: also.filter((one) => (one ^ xor) !== end) }
        : { [end!]: first!, [escape!]: second! };
      const codec = stuffed({ end: end!, escape: escape!, map });
      // Numbers up to 7 stand for the bytes that mean something.
      const named = [end!, escape!, ...codes];
      const frame = Uint8Array.from(bytes, (one) => named[one] ?? one);
      const wire = codec.encode(frame);
      assertEquals(wire.indexOf(end!), wire.length - 1);
      assertEquals(codec.decode(wire), [frame]);
    },
  ));
});
