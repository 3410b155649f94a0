import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ByteWriter, FrameError, netstring } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

test("netstring() lays frames out as its specification's examples do", () => {
  const helloWorld = hex("31 32 3a 68 65 6c 6c 6f 20 77 6f 72 6c 64 21 2c");
  const frame = utf8("hello world!");
  assertEquals(netstring().encode(frame), helloWorld);
  assertEquals(netstring().encode(hex("")), utf8("0:,"));
  assertDecodes(() => netstring(), concat([helloWorld, utf8("0:,")]), {
    frames: [frame, hex("")],
  });
});

test("netstring() takes every byte for content, its own marks too", () => {
  assertDecodes(() => netstring(), utf8("8:3:abc,\n,,1::,1:,,"), {
    frames: [utf8("3:abc,\n,"), utf8(":"), utf8(",")],
  });
});

test("netstring() takes netstrings in a netstring", () => {
  const [inner] = netstring().decode(utf8("17:5:hello,6:world!,,"));
  assertEquals(netstring().decode(inner!), [utf8("hello"), utf8("world!")]);
});

// Lengths

test("netstring() refuses a length that is not written as it must be", () => {
  const lengths = [
    "00:,",
    "01:a,",
    "007:",
    ":,",
    "+1:a,",
    "-1:a,",
    " 1:a,",
    "1 :a,",
    "a:",
    "1a:",
    "0x1:",
    "1;a,",
    "1,",
    "\n",
    "٣:abc,",
  ];
  for (const length of lengths) {
    for (const onOversize of ["error", "skip"] as const) {
      assertDecodes(() => netstring({ onOversize }), utf8(`2:HI,${length}`), {
        frames: [utf8("HI")],
        error: { code: "LENGTH_INVALID", offset: 5 },
      });
    }
  }
  const error = frameError(() => netstring().decode(utf8("1a:")));
  assertStrictEquals(
    error.message,
    "The length is not written as it must be: expected decimal digits without leading zeros, and a colon, got 0x61 at byte 1, in the frame at byte offset 0",
  );
});

test("netstring() refuses more digits than the limit has, with the first of them", () => {
  for (
    const [maxFrameLength, digits] of [
      [0, "1"],
      [9, "1"],
      [10, "12"],
      [999, "123"],
      [1_048_576, "1234567"],
    ] as const
  ) {
    const decoder = netstring({ maxFrameLength }).decoder();
    decoder.push(utf8(digits));
    assertStrictEquals(decoder.next(), undefined);
    decoder.push(utf8("1"));
    assertStrictEquals(
      frameError(() => decoder.next()).code,
      "FRAME_TOO_LARGE",
    );
  }
  assertDecodes(() => netstring(), utf8("2:HI,99999999999999999999:"), {
    frames: [utf8("HI")],
    error: { code: "FRAME_TOO_LARGE", offset: 5 },
  });
});

test("netstring() keeps no more than 16 digits where it skips", () => {
  const make = (onSkip: (error: FrameError) => void) =>
    netstring({ maxFrameLength: 2, onOversize: "skip", onSkip });
  for (const digits of ["9999999999999999", "4000000000"]) {
    assertDecodes(make, utf8(`${digits}:abc`), {
      frames: [],
      skipped: [0],
      error: { code: "FRAME_TRUNCATED", offset: 0 },
    });
  }
  assertDecodes(make, utf8("99999999999999999"), {
    frames: [],
    error: { code: "FRAME_TOO_LARGE", offset: 0 },
  });
});

// Terminators

test("netstring() refuses another byte in the place of the comma", () => {
  for (const end of ["\n", ".", "\0", "x"]) {
    assertDecodes(() => netstring(), utf8(`2:HI,2:HI${end}1:a,`), {
      frames: [utf8("HI")],
      error: { code: "MARK_INVALID", offset: 5 },
    });
  }
  const error = frameError(() => netstring().decode(utf8("1:ab")));
  assertStrictEquals(
    error.message,
    "The terminator is wrong: expected the byte 0x2c, got 0x62, in the frame at byte offset 0",
  );
});

test("netstring() looks at the comma of a frame passed over too", () => {
  assertDecodes(
    (onSkip) => netstring({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8("3:abc,2:HI,10:abcdefghij.0:,"),
    {
      frames: [utf8("HI")],
      skipped: [0, 11],
      error: { code: "MARK_INVALID", offset: 11 },
    },
  );
});

// Ends of the stream

test("netstring() takes only an end between two frames for a clean one", () => {
  assertDecodes(() => netstring(), hex(""), { frames: [] });
  for (const rest of ["1", "12", "0:", "2:", "2:H", "2:HI"]) {
    assertDecodes(() => netstring(), utf8(`2:HI,${rest}`), {
      frames: [utf8("HI")],
      error: { code: "FRAME_TRUNCATED", offset: 5 },
    });
  }
  assertDecodes(
    (onSkip) => netstring({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8("3:abc"),
    {
      frames: [],
      skipped: [0],
      error: { code: "FRAME_TRUNCATED", offset: 0 },
    },
  );
});

test("netstring() says what was missing at the end", () => {
  const inLength = frameError(() => netstring().decode(utf8("12")));
  assertStrictEquals(inLength.expected, "a length and a colon");
  const inBody = frameError(() => netstring().decode(utf8("2:HI")));
  assertStrictEquals(inBody.expected, "a frame of 5 bytes");
  assertStrictEquals(inBody.got, "4 bytes");
});

// Limits

test("netstring() holds to the limit in both directions", () => {
  for (const maxFrameLength of [0, 1, 9, 10, 99, 100]) {
    const codec = netstring({ maxFrameLength });
    const largest = new Uint8Array(maxFrameLength);
    const over = new Uint8Array(maxFrameLength + 1);
    const bytes = codec.encode(largest);
    assertDecodes(() => codec, concat([bytes, netstring().encode(over)]), {
      frames: [largest],
      error: { code: "FRAME_TOO_LARGE", offset: bytes.length },
    });
    const output = new ByteWriter();
    const encoder = codec.encoder();
    assertThrows(() => encoder.encode(over, output), FrameError, "too large");
    assertStrictEquals(output.length, 0);
  }
});

test("netstring() passes over frames over the limit when asked to", () => {
  assertDecodes(
    (onSkip) => netstring({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8("12:hello world!,2:HI,3:abc,4:abcd,0:,"),
    { frames: [utf8("HI"), hex("")], skipped: [0, 21, 27] },
  );
});

test("netstring() refuses options that it cannot use", () => {
  assertThrows(() => netstring({ maxFrameLength: -1 }), RangeError);
  const onOversize = "ignore" as unknown as "skip";
  assertThrows(() => netstring({ onOversize }), TypeError);
});

// Work

test("netstring() takes time and memory linear in a frame that comes byte by byte", () => {
  const length = 1 << 18;
  const codec = netstring();
  const bytes = codec.encode(new Uint8Array(length));
  const { frame, work } = decodeByteByByte(codec, bytes);
  assertStrictEquals(frame?.length, length);
  assertLessOrEqual(work.read, 100);
});

test("netstring() keeps no room for what a length announces", () => {
  const decoder = netstring({ maxFrameLength: 2 ** 40 }).decoder();
  const work = countWork(() => {
    decoder.push(utf8("1000000000000:"));
    for (let i = 0; i < 100; i++) {
      assertStrictEquals(decoder.next(), undefined);
      decoder.push(hex("41"));
    }
  });
  assertLessOrEqual(work.largestAllocation, 2 * 114);
});

// Laws

test("netstring() gives back what was encoded, however it is cut", () => {
  fc.assert(fc.property(
    fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 6 }),
    fc.array(fc.nat(240)),
    (frames, indices) => {
      const codec = netstring();
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(() => codec, cutAt(bytes, indices)), {
        frames,
        skipped: [],
        error: undefined,
      });
    },
  ));
});

test("netstring() takes nothing that it would not write", () => {
  const noise = fc.array(fc.constantFrom(...utf8("00123:,a")), {
    maxLength: 12,
  })
    .map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(noise, (bytes) => {
      const { frames, error } = runDecoder(() => netstring(), [bytes]);
      const again = concat(frames.map((frame) => netstring().encode(frame)));
      assertEquals(again, bytes.slice(0, error?.offset));
    }),
    { numRuns: 1000 },
  );
});
