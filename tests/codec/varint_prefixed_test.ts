import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat, equals } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  FrameError,
  lengthPrefixed,
  varintPrefixed,
  type VarintPrefixedOptions,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const hi = utf8("HI");

// Lengths

/** Lengths and their bytes; the first two are examples of Protocol Buffers. */
const lengths: [number, string][] = [
  [1, "01"],
  [150, "96 01"],
  [0, "00"],
  [127, "7f"],
  [128, "80 01"],
  [300, "ac 02"],
  [16_383, "ff 7f"],
  [16_384, "80 80 01"],
  [624_485, "e5 8e 26"],
  [2 ** 20, "80 80 40"],
];

test("varintPrefixed() writes and reads lengths of one to three bytes", () => {
  for (const [length, digits] of lengths) {
    const codec = varintPrefixed();
    const frame = new Uint8Array(length).fill(0x80);
    const bytes = codec.encode(frame);
    assert(equals(bytes, concat([hex(digits), frame])), `${length}`);
    assert(equals(codec.decode(bytes)[0]!, frame), `${length}`);
  }
});

test("varintPrefixed() reads a length cut at every byte", () => {
  assertDecodes(
    () => varintPrefixed(),
    concat([hex("02 4849 8101"), new Uint8Array(129), hex("00 01 80")]),
    { frames: [hi, new Uint8Array(129), hex(""), hex("80")] },
  );
});

test("varintPrefixed() reads a length of a multiple of 2 MiB cut in three", () => {
  const length = 2 ** 21;
  const decoder = varintPrefixed({ maxFrameLength: length }).decoder();
  for (const digits of ["80", "80 80", "01"]) {
    assertStrictEquals(decoder.next(), undefined);
    decoder.push(hex(digits));
  }
  decoder.push(new Uint8Array(length));
  assertStrictEquals(decoder.next()?.length, length);
  assertStrictEquals(decoder.next(), undefined);
});

test("varintPrefixed() refuses a length that is not in its shortest form", () => {
  for (const digits of ["8300", "8000", "ff8000", "80808080808080808000"]) {
    assertDecodes(() => varintPrefixed(), hex(`02 4849 ${digits} 414141`), {
      frames: [hi],
      error: { code: "VARINT_OVERLONG", offset: 3 },
    });
  }
});

test("varintPrefixed() refuses a length without end at its tenth byte", () => {
  for (const byte of ["80", "ff"]) {
    const decoder = varintPrefixed().decoder();
    for (let i = 0; i < 9; i++) {
      decoder.push(hex(byte));
      assertStrictEquals(decoder.next(), undefined);
    }
    decoder.push(hex(byte));
    const error = frameError(() => decoder.next());
    assertStrictEquals(error.code, "VARINT_OVERLONG");
    assertStrictEquals(
      error.message,
      "The length is too long in bytes: expected at most 10 bytes, got more, in the frame at byte offset 0",
    );
    assertDecodes(() => varintPrefixed(), hex(byte.repeat(12)), {
      frames: [],
      error: { code: "VARINT_OVERLONG", offset: 0 },
    });
  }
});

test("varintPrefixed() refuses lengths beyond 2^53 - 1 as too large", () => {
  const huge = [
    "8080808008", // 2^31
    "ffffffff0f", // 2^32 - 1
    "8080808080808010", // 2^53
    "80808080808080808001", // 2^63
    "ffffffffffffffffff01", // 2^64 - 1
    "ffffffffffffffffff7f", // 2^70 - 1
  ];
  for (const digits of huge) {
    assertDecodes(() => varintPrefixed(), hex(digits), {
      frames: [],
      error: { code: "FRAME_TOO_LARGE", offset: 0 },
    });
  }
  const most = varintPrefixed({ maxFrameLength: Number.MAX_SAFE_INTEGER });
  for (const digits of huge.slice(2)) {
    const error = frameError(() => most.decode(hex(digits)));
    assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  }
  const announced = frameError(() => most.decode(hex("ffffffffffffff0f")));
  assertStrictEquals(announced.code, "FRAME_TRUNCATED");
});

// Encodings and padding

/**
 * Lengths and their bytes, highest seven bits first: the first eleven are examples
 * of the specification of MIDI files.
 */
const vlqLengths: [number, string][] = [
  [0x00, "00"],
  [0x40, "40"],
  [0x7f, "7f"],
  [0x80, "81 00"],
  [0x2000, "c0 00"],
  [0x3fff, "ff 7f"],
  [0x4000, "81 80 00"],
  [0x10_0000, "c0 80 00"],
  [0x1f_ffff, "ff ff 7f"],
  [0x20_0000, "81 80 80 00"],
  [0x800_0000, "c0 80 80 00"],
  [2 ** 53 - 1, "8f ff ff ff ff ff ff 7f"],
];

/** Lengths as Avro and `sint64` of Protocol Buffers write them. */
const zigzagLengths: [number, string][] = [
  [0, "00"],
  [1, "02"],
  [3, "06"],
  [63, "7e"],
  [64, "80 01"],
  [300, "d8 04"],
  [0x7fff_ffff, "fe ff ff ff 0f"],
  [2 ** 53 - 1, "fe ff ff ff ff ff ff 1f"],
];

for (
  const [encoding, known] of [
    ["leb128", lengths],
    ["vlq", vlqLengths],
    ["zigzag", zigzagLengths],
  ] as const
) {
  test(`varintPrefixed() writes and reads lengths in ${encoding}`, () => {
    const { header } = varintPrefixed({
      encoding,
      maxFrameLength: Number.MAX_SAFE_INTEGER,
    });
    for (const [length, digits] of known) {
      assertEquals(header.encode(length), hex(digits));
      assertDecodes(() => header, hex(digits), { frames: [length] });
    }
  });

  test(`varintPrefixed() with ${encoding} writes no more bytes than maxLengthBytes`, () => {
    const bits = (bytes: number) => 7 * bytes - (encoding === "zigzag" ? 1 : 0);
    for (const maxLengthBytes of [1, 2, 3]) {
      const options = { encoding, maxLengthBytes, maxFrameLength: 2 ** 30 };
      const { header } = varintPrefixed(options);
      const most = 2 ** bits(maxLengthBytes) - 1;
      const largest = header.encode(most);
      assertStrictEquals(largest.length, maxLengthBytes);
      assertEquals(header.decode(largest), [most]);
      const error = frameError(() => header.encode(most + 1));
      assertStrictEquals(error.code, "FRAME_TOO_LARGE");
      assertStrictEquals(error.expected, `a length of at most ${most}`);
    }
  });

  test(`varintPrefixed() with ${encoding} refuses a length of more bytes than maxLengthBytes`, () => {
    for (const overlong of ["accept", "reject"] as const) {
      for (const maxLengthBytes of [1, 3, 10]) {
        const make = () =>
          varintPrefixed({ encoding, overlong, maxLengthBytes });
        const bytes = hex(`02 41 ${"81".repeat(maxLengthBytes)} 00 41`);
        bytes[0] = encoding === "zigzag" ? 2 : 1;
        assertDecodes(make, bytes, {
          frames: [utf8("A")],
          error: { code: "VARINT_OVERLONG", offset: 2 },
        });
      }
    }
  });
}

test("varintPrefixed() takes padded lengths when asked to, and writes the shortest form", () => {
  const cases: [VarintPrefixedOptions["encoding"], string, string][] = [
    ["leb128", "02", "82 80 80 80 80 80 80 80 80 00"],
    ["vlq", "02", "80 80 80 80 80 80 80 80 80 02"],
    ["zigzag", "04", "84 80 80 80 80 80 80 80 80 00"],
  ];
  for (const [encoding = "leb128", shortest, longest] of cases) {
    const codec = varintPrefixed({ encoding, overlong: "accept" });
    const bytes = hex(`${longest} 4849 ${shortest} 4849`);
    assertDecodes(() => codec, bytes, { frames: [hi, hi] });
    assertEquals(codec.encode(hi), hex(`${shortest} 4849`));
    assertDecodes(() => varintPrefixed({ encoding }), bytes, {
      frames: [],
      error: { code: "VARINT_OVERLONG", offset: 0 },
    });
  }
});

test("varintPrefixed() takes a padded length of 0", () => {
  for (const encoding of ["leb128", "vlq", "zigzag"] as const) {
    assertDecodes(
      () => varintPrefixed({ encoding, overlong: "accept", maxLengthBytes: 3 }),
      hex("80 80 00 00 80 00"),
      { frames: [hex(""), hex(""), hex("")] },
    );
  }
});

test("varintPrefixed() refuses negative lengths in zigzag", () => {
  const negative: [string, string][] = [
    ["01", "-1"],
    ["7f", "-64"],
    ["ff ff ff ff 0f", "-2147483648"],
    ["ff ff ff ff ff ff ff ff ff 01", "-9223372036854775808"],
  ];
  for (const [digits, got] of negative) {
    const make = () => varintPrefixed({ encoding: "zigzag" });
    assertDecodes(make, hex(`04 4849 ${digits} 41`), {
      frames: [hi],
      error: { code: "LENGTH_INVALID", offset: 3 },
    });
    const error = frameError(() => make().decode(hex(digits)));
    assertStrictEquals(Number(error.got), Number(got));
  }
});

test("varintPrefixed() does not take a negative length for one to skip", () => {
  assertDecodes(
    (onSkip) =>
      varintPrefixed({ encoding: "zigzag", onOversize: "skip", onSkip }),
    hex("03 41"),
    { frames: [], error: { code: "LENGTH_INVALID", offset: 0 } },
  );
});

test("varintPrefixed() refuses lengths beyond 2^53 - 1 as too large in every encoding", () => {
  const huge = {
    leb128: "ffffffffffffffffff7f",
    vlq: "ffffffffffffffffff7f",
    zigzag: "feffffffffffffffff7f",
  };
  for (const [encoding, digits] of Object.entries(huge)) {
    assertDecodes(
      () => varintPrefixed({ encoding: encoding as keyof typeof huge }),
      hex(digits),
      { frames: [], error: { code: "FRAME_TOO_LARGE", offset: 0 } },
    );
  }
});

test("varintPrefixed() reads what Avro writes for a string", () => {
  // The specification of Avro: “foo” is 06 66 6f 6f.
  const codec = varintPrefixed({ encoding: "zigzag" });
  assertEquals(codec.decode(hex("06 66 6f 6f")), [utf8("foo")]);
  assertEquals(codec.encode(utf8("foo")), hex("06 66 6f 6f"));
});

// Ends of the stream

test("varintPrefixed() takes only an end between two frames for a clean one", () => {
  assertDecodes(() => varintPrefixed(), hex(""), { frames: [] });
  for (const rest of ["80", "ffff", "01", "03 4142", "8001"]) {
    assertDecodes(() => varintPrefixed(), hex(`02 4849 ${rest}`), {
      frames: [hi],
      error: { code: "FRAME_TRUNCATED", offset: 3 },
    });
  }
});

test("varintPrefixed() says what was missing at the end", () => {
  const codec = varintPrefixed();
  const inLength = frameError(() => codec.decode(hex("80 80")));
  assertStrictEquals(inLength.expected, "a whole length");
  assertStrictEquals(inLength.got, "2 bytes");
  const inBody = frameError(() => codec.decode(hex("80 01 41")));
  assertStrictEquals(inBody.expected, "a frame of 130 bytes");
  assertStrictEquals(inBody.got, "3 bytes");
});

// Limits

test("varintPrefixed() holds to the limit in both directions", () => {
  for (const maxFrameLength of [0, 1, 127, 128, 300]) {
    const codec = varintPrefixed({ maxFrameLength });
    const bytes = codec.encode(new Uint8Array(maxFrameLength));
    const over = new Uint8Array(maxFrameLength + 1);
    assertStrictEquals(
      frameError(() => codec.encode(over)).code,
      "FRAME_TOO_LARGE",
    );
    const more = varintPrefixed().encode(over);
    const decoder = codec.decoder();
    decoder.push(concat([bytes, more]));
    assertStrictEquals(decoder.next()?.length, maxFrameLength);
    const error = frameError(() => decoder.next());
    assertStrictEquals(error.code, "FRAME_TOO_LARGE");
    assertStrictEquals(error.offset, bytes.length);
  }
});

test("varintPrefixed() writes nothing of a frame that it refuses", () => {
  const output = new ByteWriter();
  const encoder = varintPrefixed({ maxFrameLength: 1 }).encoder();
  encoder.encode(hex("41"), output);
  assertThrows(() => encoder.encode(hi, output), FrameError);
  assertEquals(output.view(), hex("01 41"));
});

test("varintPrefixed() passes over frames over the limit when asked to", () => {
  assertDecodes(
    (onSkip) =>
      varintPrefixed({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    concat([hex("03 414243 02 4849 8001"), new Uint8Array(128), hex("00")]),
    { frames: [hi, hex("")], skipped: [0, 7] },
  );
});

test("varintPrefixed() does not pass over a length that is overlong", () => {
  assertDecodes(
    (onSkip) =>
      varintPrefixed({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    hex("03 414243 8300 414243"),
    {
      frames: [],
      skipped: [0],
      error: { code: "VARINT_OVERLONG", offset: 4 },
    },
  );
});

test("varintPrefixed() holds nothing of a frame that it passes over", () => {
  const decoder = varintPrefixed({ onOversize: "skip" }).decoder();
  decoder.push(hex("ffffffff0f"));
  for (let i = 0; i < 100; i++) {
    assertStrictEquals(decoder.next(), undefined);
    assertStrictEquals(decoder.bufferedBytes, 0);
    decoder.push(new Uint8Array(65_536));
  }
});

test("varintPrefixed() refuses options that are out of range", () => {
  for (const maxFrameLength of [-1, 0.5, NaN]) {
    assertThrows(() => varintPrefixed({ maxFrameLength }), RangeError);
  }
  for (const maxLengthBytes of [0, 11, 1.5, NaN]) {
    assertThrows(
      () => varintPrefixed({ maxLengthBytes }),
      RangeError,
      "maxLengthBytes",
    );
  }
  const onOversize = "ignore" as unknown as "skip";
  assertThrows(() => varintPrefixed({ onOversize }), TypeError);
  const encoding = "leb" as unknown as "vlq";
  assertThrows(() => varintPrefixed({ encoding }), TypeError, "encoding");
  const overlong = "ignore" as unknown as "accept";
  assertThrows(() => varintPrefixed({ overlong }), TypeError, "overlong");
});

// Work

test("varintPrefixed() keeps no room for what a length announces", () => {
  const decoder = varintPrefixed({ maxFrameLength: 2 ** 40 }).decoder();
  const work = countWork(() => {
    decoder.push(hex("808080808020"));
    for (let i = 0; i < 100; i++) {
      assertStrictEquals(decoder.next(), undefined);
      decoder.push(hex("41"));
    }
  });
  assertStrictEquals(decoder.bufferedBytes, 106);
  assertLessOrEqual(work.largestAllocation, 2 * 106);
});

test("varintPrefixed() takes time and memory linear in a frame that comes byte by byte", () => {
  for (const length of [1 << 10, 1 << 18]) {
    const codec = varintPrefixed();
    const bytes = codec.encode(new Uint8Array(length));
    const { frame, work } = decodeByteByByte(codec, bytes);
    assertStrictEquals(frame?.length, length);
    // The header once a byte of its own, not once a byte of the body.
    assertLessOrEqual(work.read, 10);
  }
});

// Laws

test("varintPrefixed() gives back what was encoded, however it is cut", () => {
  const frame = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.integer({ min: 120, max: 140 }).map((length) => new Uint8Array(length)),
  );
  const options = fc.record({
    encoding: fc.constantFrom("leb128" as const, "vlq", "zigzag"),
    overlong: fc.constantFrom("reject" as const, "accept"),
    maxLengthBytes: fc.integer({ min: 2, max: 10 }),
  }, { requiredKeys: [] });
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 6 }),
    fc.array(fc.nat(600)),
    options,
    (frames, indices, options) => {
      const codec = varintPrefixed(options);
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(() => codec, cutAt(bytes, indices)), {
        frames,
        skipped: [],
        error: undefined,
      });
    },
  ));
});

test("varintPrefixed() is lengthPrefixed() with one byte below 128", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 127 }), (frame) => {
    const options: VarintPrefixedOptions = { maxFrameLength: 127 };
    assertEquals(
      varintPrefixed(options).encode(frame),
      lengthPrefixed({ ...options, lengthBytes: 1 }).encode(frame),
    );
  }));
});
