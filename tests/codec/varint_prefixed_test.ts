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
  const onOversize = "ignore" as unknown as "skip";
  assertThrows(() => varintPrefixed({ onOversize }), TypeError);
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
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 6 }),
    fc.array(fc.nat(600)),
    (frames, indices) => {
      const codec = varintPrefixed();
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
