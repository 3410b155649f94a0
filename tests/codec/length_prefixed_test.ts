import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat, equals } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  checksum,
  FrameError,
  lengthPrefixed,
  type LengthPrefixedOptions,
} from "../../src/codec/mod.ts";
import { bytesOf } from "../support/byte_notation.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";
import { cutAt, everyCut } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const hi = utf8("HI");

// Layouts

test("lengthPrefixed() puts the length into 1 to 8 bytes in both byte orders", () => {
  for (let lengthBytes = 1; lengthBytes <= 8; lengthBytes++) {
    const zeros = new Uint8Array(lengthBytes - 1);
    for (const endian of ["big", "little"] as const) {
      const codec = lengthPrefixed({ lengthBytes, endian });
      const length = endian === "big" ? [zeros, hex("02")] : [hex("02"), zeros];
      const bytes = concat([...length, hi]);
      assertEquals(codec.encode(hi), bytes);
      assertDecodes(() => codec, bytes, { frames: [hi] });
    }
  }
});

test("lengthPrefixed() uses every byte of the length", () => {
  const frame = new Uint8Array(0x01_02_03).fill(7);
  for (let lengthBytes = 3; lengthBytes <= 8; lengthBytes++) {
    for (const endian of ["big", "little"] as const) {
      const codec = lengthPrefixed({ lengthBytes, endian });
      const bytes = codec.encode(frame);
      const header = [...bytes.subarray(0, lengthBytes)];
      if (endian === "big") header.reverse();
      assertEquals(header.slice(0, 3), [3, 2, 1]);
      assert(equals(codec.decode(bytes)[0]!, frame));
    }
  }
});

test("lengthPrefixed() lays frames out as its options say", () => {
  const layouts: [LengthPrefixedOptions, string][] = [
    [{}, "00 00 00 02 48 49"],
    [{ lengthBytes: 1 }, "02 48 49"],
    [{ endian: "little" }, "02 00 00 00 48 49"],
    [{ lengthBytes: 2, lengthOffset: 1 }, "00 00 02 48 49"],
    [{ lengthIncludes: "frame" }, "00 00 00 06 48 49"],
    [{ endian: "little", lengthIncludes: "frame" }, "06 00 00 00 48 49"],
    [
      { lengthBytes: 2, lengthOffset: 3, lengthIncludes: "frame" },
      "00 00 00 00 07 48 49",
    ],
    [{ lengthBytes: 1, lengthAdjustment: -1 }, "03 48 49"],
    [{ lengthBytes: 1, lengthAdjustment: 2 }, "00 48 49"],
    [{ lengthBytes: 1, stripBytes: 3 }, "04 00 00 48 49"],
    [
      { lengthBytes: 1, lengthOffset: 1, lengthAdjustment: 1, stripBytes: 3 },
      "00 02 00 48 49",
    ],
  ];
  for (const [options, digits] of layouts) {
    const codec = lengthPrefixed(options);
    assertEquals(codec.encode(hi), hex(digits), JSON.stringify(options));
    assertDecodes(() => codec, hex(digits), { frames: [hi] });
  }
});

test("lengthPrefixed() hands out the header too when it strips nothing", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthBytes: 2, stripBytes: 0 }),
    hex("0002 4849 0000 0001 41"),
    { frames: [hex("00 02 48 49"), hex("00 00"), hex("00 01 41")] },
  );
});

test("lengthPrefixed() fills the length into a frame given with its header", () => {
  const codec = lengthPrefixed({
    lengthBytes: 2,
    lengthOffset: 1,
    stripBytes: 0,
  });
  const frame = hex("aa ff ff 48 49");
  assertEquals(codec.encode(frame), hex("aa 00 02 48 49"));
  assertEquals(frame, hex("aa ff ff 48 49"), "the frame given is not changed");
});

test("lengthPrefixed() leaves the bytes before the length to the frame when it strips less", () => {
  const codec = lengthPrefixed({
    lengthBytes: 1,
    lengthOffset: 3,
    stripBytes: 2,
  });
  assertEquals(codec.encode(hex("cc 00 48 49")), hex("00 00 cc 02 48 49"));
  assertDecodes(() => codec, hex("aa bb cc 02 48 49"), {
    frames: [hex("cc 02 48 49")],
  });
});

test("lengthPrefixed() passes over what stands before the length, whatever it is", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthBytes: 1, lengthOffset: 2 }),
    hex("ffff 02 4849 0a0d 01 41"),
    { frames: [hi, utf8("A")] },
  );
});

test("lengthPrefixed() takes zero-length frames for frames", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthBytes: 1 }),
    hex("00 00 01 41 00"),
    {
      frames: [hex(""), hex(""), utf8("A"), hex("")],
    },
  );
  assertEquals(lengthPrefixed().encode(hex("")), hex("00 00 00 00"));
});

// Digits and units

test("lengthPrefixed() writes and reads lengths in digits", () => {
  const digits: [LengthPrefixedOptions, number, string][] = [
    [{ lengthEncoding: "decimal" }, 2, "'0002'"],
    [{ lengthEncoding: "decimal" }, 9_999, "'9999'"],
    [{ lengthEncoding: "decimal", lengthBytes: 1 }, 9, "'9'"],
    [{ lengthEncoding: "decimal", lengthBytes: 8 }, 300, "'00000300'"],
    [{ lengthEncoding: "hex" }, 2, "'0002'"],
    [{ lengthEncoding: "hex" }, 0xfedc, "'fedc'"],
    [{ lengthEncoding: "hex", lengthBytes: 8 }, 300, "'0000012c'"],
    [{ lengthEncoding: "bcd", lengthBytes: 2 }, 2, "0002"],
    [{ lengthEncoding: "bcd", lengthBytes: 2 }, 9_876, "9876"],
    [{ lengthEncoding: "bcd", lengthBytes: 3 }, 123_456, "123456"],
    [
      { lengthEncoding: "decimal", lengthIncludes: "frame", lengthOffset: 2 },
      300,
      "0000 '0306'",
    ],
  ];
  for (const [options, length, notation] of digits) {
    const { header } = lengthPrefixed(options);
    assertEquals(header.encode(length), bytesOf(notation));
    assertDecodes(() => header, bytesOf(notation), { frames: [length] });
  }
});

test("lengthPrefixed() reads hexadecimal digits in both cases", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthEncoding: "hex", lengthBytes: 2 }).header,
    utf8("aBAbffFF0a0A"),
    { frames: [171, 171, 255, 255, 10, 10] },
  );
});

test("lengthPrefixed() has the largest lengths in 16 digits and in 8 bytes", () => {
  const most = Number.MAX_SAFE_INTEGER;
  for (
    const [lengthEncoding, lengthBytes, notation] of [
      ["decimal", 16, "'9007199254740991'"],
      ["hex", 16, "'001fffffffffffff'"],
      ["bcd", 8, "9007199254740991"],
    ] as const
  ) {
    const { header } = lengthPrefixed({
      lengthEncoding,
      lengthBytes,
      maxFrameLength: most,
    });
    assertEquals(header.encode(most), bytesOf(notation));
    assertEquals(header.decode(bytesOf(notation)), [most]);
    const larger = bytesOf(notation).fill(lengthBytes === 8 ? 0x99 : 0x39);
    assertEquals(
      frameError(() => header.decode(larger)).code,
      "FRAME_TOO_LARGE",
    );
  }
});

test("lengthPrefixed() refuses a length that is not in digits", () => {
  const wrong: [LengthPrefixedOptions, string[]][] = [
    [
      { lengthEncoding: "decimal" },
      ["' 002'", "'002 '", "'+002'", "'-001'", "'00.2'", "'000a'", "00000002"],
    ],
    [{ lengthEncoding: "hex" }, ["'000g'", "'0x02'", "'000`'", "00000002"]],
    [{ lengthEncoding: "bcd", lengthBytes: 2 }, ["000a", "00a0", "f000"]],
  ];
  for (const [options, fields] of wrong) {
    const codec = lengthPrefixed(options);
    const before = codec.encode(hi);
    for (const field of fields) {
      assertDecodes(
        () => lengthPrefixed({ ...options, onOversize: "skip" }),
        concat([before, bytesOf(`${field} 'ab'`)]),
        {
          frames: [hi],
          error: { code: "LENGTH_INVALID", offset: before.length },
        },
      );
    }
  }
  const error = frameError(() =>
    lengthPrefixed({ lengthEncoding: "hex" }).decode(utf8("HTTP/1.1"))
  );
  assertStrictEquals(
    error.message,
    "The length is not in digits: expected 4 bytes of digits, got 48 54 54 50, in the frame at byte offset 0",
  );
});

test("lengthPrefixed() refuses to encode more than its digits can say", () => {
  const fields: [LengthPrefixedOptions, number][] = [
    [{ lengthEncoding: "decimal", lengthBytes: 3 }, 999],
    [{ lengthEncoding: "hex", lengthBytes: 3 }, 4_095],
    [{ lengthEncoding: "bcd", lengthBytes: 1 }, 99],
    [{ lengthEncoding: "bcd", lengthBytes: 2 }, 9_999],
  ];
  for (const [options, most] of fields) {
    const { header } = lengthPrefixed(options);
    assertEquals(header.decode(header.encode(most)), [most]);
    const error = frameError(() => header.encode(most + 1));
    assertStrictEquals(error.code, "FRAME_TOO_LARGE");
    assertStrictEquals(error.expected, `a length of at most ${most}`);
  }
});

/** A request of X11: its length counts units of four bytes, itself included. */
const x11: LengthPrefixedOptions = {
  lengthOffset: 2,
  lengthBytes: 2,
  endian: "little",
  lengthIncludes: "frame",
  lengthUnit: 4,
  stripBytes: 0,
};

test("lengthPrefixed() counts in units", () => {
  // GetInputFocus, and InternAtom of “WM_STATE”, whether it exists or not.
  const requests = ["2b00 0100", "1000 0400 0800 0000 574d5f5354415445"];
  assertDecodes(() => lengthPrefixed(x11), hex(requests.join("")), {
    frames: requests.map(hex),
  });
  for (const request of requests) {
    const bytes = hex(request);
    assertEquals(
      lengthPrefixed(x11).encode(bytes.slice().fill(0, 2, 4)),
      bytes,
    );
  }
});

test("lengthPrefixed() adds the adjustment in bytes to a length in units", () => {
  // RTCP: the length is one unit of four bytes less than that of the packet. A
  // goodbye of one source (RFC 3550, section 6.6).
  const codec = lengthPrefixed({
    lengthOffset: 2,
    lengthBytes: 2,
    lengthIncludes: "frame",
    lengthUnit: 4,
    lengthAdjustment: 4,
    stripBytes: 0,
  });
  const bye = hex("81cb 0001 cafebabe");
  assertEquals(codec.encode(bye), bye);
  assertDecodes(() => codec, concat([bye, hex("80cb 0000"), bye]), {
    frames: [bye, hex("80cb 0000"), bye],
  });
});

test("lengthPrefixed() refuses frames that are not a whole number of units", () => {
  for (const length of [5, 6, 7]) {
    const error = frameError(() =>
      lengthPrefixed(x11).encode(new Uint8Array(length))
    );
    assertStrictEquals(error.code, "LENGTH_INVALID");
    assertStrictEquals(error.expected, "a multiple of 4 bytes");
    assertStrictEquals(error.got, `${length} bytes`);
  }
  const { header } = lengthPrefixed({ lengthUnit: 2, lengthBytes: 1 });
  assertStrictEquals(frameError(() => header.encode(3)).code, "LENGTH_INVALID");
  assertEquals(header.encode(510), hex("ff"));
  const error = frameError(() => header.encode(512));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  assertStrictEquals(error.expected, "a length of at most 255");
  assertStrictEquals(error.got, "256");
});

test("lengthPrefixed() refuses a length in units that is smaller than its header", () => {
  assertDecodes(() => lengthPrefixed(x11), hex("2b000100 2b000000"), {
    frames: [hex("2b000100")],
    error: { code: "LENGTH_INVALID", offset: 4 },
  });
  const error = frameError(() => lengthPrefixed(x11).decode(hex("2b000000")));
  assertStrictEquals(error.expected, "at least 1");
  assertStrictEquals(error.got, "0");
});

test("lengthPrefixed() holds to the limit in bytes where it counts in units", () => {
  const codec = lengthPrefixed({ ...x11, maxFrameLength: 10 });
  assertEquals(codec.decode(codec.encode(new Uint8Array(8))).length, 1);
  assertStrictEquals(
    frameError(() => codec.encode(new Uint8Array(12))).code,
    "FRAME_TOO_LARGE",
  );
  assertDecodes(() => codec, hex("00000300"), {
    frames: [],
    error: { code: "FRAME_TOO_LARGE", offset: 0 },
  });
});

test("lengthPrefixed() fills in lengths in digits and in units", () => {
  const decimal = lengthPrefixed({
    lengthEncoding: "decimal",
    lengthBytes: 3,
    lengthIncludes: "frame",
    stripBytes: 0,
  });
  const frame = utf8("???HI");
  decimal.fillLength?.(frame, frame.length);
  assertEquals(frame, utf8("005HI"));
  const request = hex("2b00 ffff");
  lengthPrefixed(x11).fillLength?.(request, 4);
  assertEquals(request, hex("2b00 0100"));
  assertStrictEquals(lengthPrefixed().fillLength, undefined);
});

// Ends of the stream

test("lengthPrefixed() takes an empty stream for a clean end", () => {
  assertDecodes(() => lengthPrefixed(), hex(""), { frames: [] });
});

test("lengthPrefixed() refuses a stream that ends behind a header that announces a body", () => {
  assertDecodes(() => lengthPrefixed(), hex("00000002 4849 00000003"), {
    frames: [hi],
    error: { code: "FRAME_TRUNCATED", offset: 6 },
  });
});

test("lengthPrefixed() refuses a stream that ends inside a header or a body", () => {
  for (const rest of ["00", "000000", "00000003 41", "00000003 4142"]) {
    assertDecodes(() => lengthPrefixed(), hex(`00000002 4849 ${rest}`), {
      frames: [hi],
      error: { code: "FRAME_TRUNCATED", offset: 6 },
    });
  }
});

test("lengthPrefixed() says what was missing at the end", () => {
  const codec = lengthPrefixed({ lengthBytes: 2 });
  assertStrictEquals(
    frameError(() => codec.decode(hex("00"))).message,
    "The stream ended inside a frame: expected a header of 2 bytes, got 1 bytes, in the frame at byte offset 0",
  );
  assertStrictEquals(
    frameError(() => codec.decode(hex("0000 0005 4142"))).message,
    "The stream ended inside a frame: expected a frame of 7 bytes, got 4 bytes, in the frame at byte offset 2",
  );
});

test("lengthPrefixed() says what was missing of a frame passed over", () => {
  const codec = lengthPrefixed({
    lengthBytes: 1,
    maxFrameLength: 2,
    onOversize: "skip",
  });
  assertStrictEquals(
    frameError(() => codec.decode(hex("01 41 05 414243"))).message,
    "The stream ended inside a frame: expected a frame of 6 bytes, got 4 bytes, in the frame at byte offset 2",
  );
});

// Lengths that no frame has

test("lengthPrefixed() refuses a length smaller than the header it counts", () => {
  for (const length of ["00", "01", "03"]) {
    assertDecodes(
      () => lengthPrefixed({ endian: "little", lengthIncludes: "frame" }),
      hex(`06000000 4849 ${length}000000 4142`),
      { frames: [hi], error: { code: "LENGTH_INVALID", offset: 6 } },
    );
  }
});

test("lengthPrefixed() refuses such a length also where the header is handed out", () => {
  for (const stripBytes of [0, 1]) {
    for (const length of ["00", "01"]) {
      assertDecodes(
        () =>
          lengthPrefixed({
            lengthBytes: 2,
            lengthIncludes: "frame",
            stripBytes,
          }),
        hex(`0003 41 00${length} 4142`),
        {
          frames: [hex("0003 41").slice(stripBytes)],
          error: { code: "LENGTH_INVALID", offset: 3 },
        },
      );
    }
  }
});

test("lengthPrefixed() takes a length that counts no more than its header for an empty frame", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthIncludes: "frame" }),
    hex("00000004 00000006 4849"),
    { frames: [hex(""), hi] },
  );
});

test("lengthPrefixed() counts the bytes before the length as part of the header", () => {
  assertDecodes(
    () =>
      lengthPrefixed({
        lengthBytes: 1,
        lengthOffset: 2,
        lengthIncludes: "frame",
      }),
    hex("aaaa 03 aaaa 02"),
    { frames: [hex("")], error: { code: "LENGTH_INVALID", offset: 3 } },
  );
});

test("lengthPrefixed() refuses a length that the adjustment brings below zero", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthBytes: 1, lengthAdjustment: -3 }),
    hex("05 4849 03 02 41"),
    { frames: [hi, hex("")], error: { code: "LENGTH_INVALID", offset: 4 } },
  );
  assertDecodes(
    () => lengthPrefixed({ lengthBytes: 4, lengthAdjustment: -(2 ** 31) }),
    hex("00000000 4849"),
    { frames: [], error: { code: "LENGTH_INVALID", offset: 0 } },
  );
});

test("lengthPrefixed() refuses a frame shorter than what it strips, once", () => {
  assertDecodes(
    () => lengthPrefixed({ lengthBytes: 1, stripBytes: 4 }),
    hex("03 000000 02 0000 03 000000"),
    { frames: [hex("")], error: { code: "LENGTH_INVALID", offset: 4 } },
  );
});

test("lengthPrefixed() does not skip a length that is invalid", () => {
  assertDecodes(
    (onSkip) =>
      lengthPrefixed({
        lengthBytes: 1,
        lengthIncludes: "frame",
        maxFrameLength: 2,
        onOversize: "skip",
        onSkip,
      }),
    hex("04 414243 00 03 4849"),
    {
      frames: [],
      skipped: [0],
      error: { code: "LENGTH_INVALID", offset: 4 },
    },
  );
});

test("lengthPrefixed() says which lengths would have been valid", () => {
  const codec = lengthPrefixed({ lengthIncludes: "frame" });
  assertStrictEquals(
    frameError(() => codec.decode(hex("00000003"))).message,
    "The length is too small for its header: expected at least 4, got 3, in the frame at byte offset 0",
  );
});

// Limits

test("lengthPrefixed() limits frames to a mebibyte by default", () => {
  const codec = lengthPrefixed();
  const largest = new Uint8Array(2 ** 20);
  assertStrictEquals(codec.decode(codec.encode(largest))[0]?.length, 2 ** 20);
  const error = frameError(() => codec.decode(hex("00100001")));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  assertThrows(() => codec.encode(new Uint8Array(2 ** 20 + 1)), FrameError);
});

test("lengthPrefixed() holds to the limit in both directions with every layout", () => {
  const maxFrameLength = 20;
  const layouts: LengthPrefixedOptions[] = [
    {},
    { lengthBytes: 1 },
    { lengthIncludes: "frame" },
    { lengthIncludes: "frame", lengthOffset: 3 },
    { lengthAdjustment: 5 },
    { lengthAdjustment: -5 },
    { lengthIncludes: "frame", lengthAdjustment: -5 },
    { stripBytes: 0 },
    { stripBytes: 2 },
    { stripBytes: 9 },
    { stripBytes: 9, lengthAdjustment: 3, lengthOffset: 2 },
  ];
  for (const layout of layouts) {
    const codec = lengthPrefixed({ ...layout, maxFrameLength });
    const roomier = lengthPrefixed({
      ...layout,
      maxFrameLength: maxFrameLength + 1,
    });
    const name = JSON.stringify(layout);
    const bytes = codec.encode(new Uint8Array(maxFrameLength));
    assertEquals(codec.decode(bytes).map((frame) => frame.length), [20], name);

    const over = new Uint8Array(maxFrameLength + 1);
    const refused = frameError(() => codec.encode(over));
    assertStrictEquals(refused.code, "FRAME_TOO_LARGE", name);
    assertDecodes(() => codec, concat([bytes, roomier.encode(over)]), {
      frames: codec.decode(bytes),
      error: { code: "FRAME_TOO_LARGE", offset: bytes.length },
    });
  }
});

test("lengthPrefixed() may be limited to empty frames", () => {
  const codec = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 0 });
  assertDecodes(() => codec, hex("00 01 41"), {
    frames: [hex("")],
    error: { code: "FRAME_TOO_LARGE", offset: 1 },
  });
  assertThrows(() => codec.encode(hex("41")), FrameError);
});

test("lengthPrefixed() says what the limit was and what was announced", () => {
  const codec = lengthPrefixed({ maxFrameLength: 16 });
  const error = frameError(() => codec.decode(hex("00000000 00000011")));
  assertStrictEquals(error.expected, "at most 16 bytes (maxFrameLength)");
  assertStrictEquals(error.got, "17 bytes");
  assertStrictEquals(error.offset, 4);
});

test("lengthPrefixed() refuses a huge length as soon as the header is there", () => {
  const lengths: [number, string][] = [
    [4, "80000000"],
    [4, "ffffffff"],
    [5, "0100000000"],
    [7, "20000000000000"],
    [8, "001fffffffffffff"],
    [8, "0020000000000000"],
    [8, "8000000000000000"],
    [8, "ffffffffffffffff"],
  ];
  for (const [lengthBytes, length] of lengths) {
    for (const lengthAdjustment of [0, 2 ** 31, -9]) {
      for (const endian of ["big", "little"] as const) {
        const header = hex(length);
        if (endian === "little") header.reverse();
        assertDecodes(
          () => lengthPrefixed({ lengthBytes, endian, lengthAdjustment }),
          header,
          { frames: [], error: { code: "FRAME_TOO_LARGE", offset: 0 } },
        );
      }
    }
  }
});

test("lengthPrefixed() keeps no room for what a length announces", () => {
  const decoder = lengthPrefixed({
    lengthBytes: 8,
    maxFrameLength: Number.MAX_SAFE_INTEGER,
  }).decoder();
  const work = countWork(() => {
    decoder.push(hex("0010000000000000"));
    for (let i = 0; i < 100; i++) {
      assertStrictEquals(decoder.next(), undefined);
      decoder.push(hex("41"));
    }
  });
  assertStrictEquals(decoder.bufferedBytes, 108);
  assertLessOrEqual(work.largestAllocation, 2 * 108);
});

test("lengthPrefixed() keeps nothing of what follows a length over the limit", () => {
  const decoder = lengthPrefixed().decoder();
  decoder.push(hex("ffffffff 41"));
  assertThrows(() => decoder.next(), FrameError);
  for (let i = 0; i < 100; i++) decoder.push(new Uint8Array(65_536));
  assertLessOrEqual(decoder.bufferedBytes, 5);
});

test("lengthPrefixed() refuses to encode more than its field can say", () => {
  for (const lengthBytes of [1, 2]) {
    const most = 256 ** lengthBytes - 1;
    for (const lengthAdjustment of [0, 1, -1]) {
      const codec = lengthPrefixed({ lengthBytes, lengthAdjustment });
      const largest = new Uint8Array(most + lengthAdjustment);
      assert(equals(codec.decode(codec.encode(largest))[0]!, largest));
      const over = new Uint8Array(largest.length + 1);
      const error = frameError(() => codec.encode(over));
      assertStrictEquals(error.code, "FRAME_TOO_LARGE");
      assertStrictEquals(error.expected, `a length of at most ${most}`);
      assertStrictEquals(error.got, `${most + 1}`);
    }
    const inclusive = lengthPrefixed({ lengthBytes, lengthIncludes: "frame" });
    const largest = new Uint8Array(most - lengthBytes);
    assert(equals(inclusive.decode(inclusive.encode(largest))[0]!, largest));
    assertThrows(
      () => inclusive.encode(new Uint8Array(largest.length + 1)),
      FrameError,
      "The frame is too large for its length field",
    );
  }
});

test("lengthPrefixed() refuses to encode a frame shorter than its header", () => {
  const whole = lengthPrefixed({ lengthBytes: 2, stripBytes: 0 });
  assertEquals(whole.encode(hex("ff ff")), hex("00 00"));
  const error = frameError(() => whole.encode(hex("ff")));
  assertStrictEquals(error.code, "LENGTH_INVALID");
  assertStrictEquals(error.expected, "at least 2 bytes");

  const adjusted = lengthPrefixed({ lengthBytes: 1, lengthAdjustment: 2 });
  assertEquals(adjusted.encode(hi), hex("00 48 49"));
  const tooShort = frameError(() => adjusted.encode(hex("48")));
  assertStrictEquals(tooShort.code, "LENGTH_INVALID");
  assertStrictEquals(tooShort.expected, "at least 2 bytes");
});

// Skipping

const skipping =
  (options: LengthPrefixedOptions) => (onSkip: (error: FrameError) => void) =>
    lengthPrefixed({ ...options, onOversize: "skip", onSkip });

test("lengthPrefixed() passes over frames over the limit when asked to", () => {
  assertDecodes(
    skipping({ lengthBytes: 1, maxFrameLength: 2 }),
    hex("03 414243 02 4849 05 4142434445 03 414243 00"),
    { frames: [hi, hex("")], skipped: [0, 7, 13] },
  );
});

test("lengthPrefixed() passes over frames whose header is not stripped", () => {
  assertDecodes(
    skipping({ lengthBytes: 1, stripBytes: 0, maxFrameLength: 2 }),
    hex("02 4142 01 43"),
    { frames: [hex("01 43")], skipped: [0] },
  );
});

test("lengthPrefixed() refuses a stream that ends inside a frame passed over", () => {
  assertDecodes(
    skipping({ lengthBytes: 1, maxFrameLength: 2 }),
    hex("02 4849 05 414243"),
    {
      frames: [hi],
      skipped: [3],
      error: { code: "FRAME_TRUNCATED", offset: 3 },
    },
  );
});

test("lengthPrefixed() reports the end inside a frame passed over alike under every cut", () => {
  const inputs = ["05 414243", "05", "02 4849 05 41"].map((digits) =>
    hex(digits)
  );
  const huge = concat([hex("ff ff ff ff ff ff ff ff"), new Uint8Array(40)]);
  for (
    const [lengthBytes, bytes] of [
      ...inputs.map((bytes) => [1, bytes] as const),
      [8, huge] as const,
    ]
  ) {
    const make = skipping({ lengthBytes, maxFrameLength: 2 });
    const whole = runDecoder(make, [bytes]);
    for (const { name, chunks } of everyCut(bytes)) {
      assertEquals(runDecoder(make, chunks), whole, name);
      assertEquals(runDecoder(make, chunks, true), whole, name);
    }
  }
});

test("lengthPrefixed() holds nothing of a frame that it passes over", () => {
  let skipped = 0;
  const decoder = lengthPrefixed({
    onOversize: "skip",
    onSkip: () => skipped++,
  }).decoder();
  decoder.push(hex("7fffffff"));
  const chunk = new Uint8Array(65_536);
  const work = countWork(() => {
    for (let i = 0; i < 100; i++) {
      decoder.push(chunk);
      assertStrictEquals(decoder.next(), undefined);
      assertStrictEquals(decoder.bufferedBytes, 0);
    }
  });
  assertStrictEquals(skipped, 1);
  assertLessOrEqual(
    work.copied,
    65_536 + 4,
    "only the header's chunk is joined",
  );
});

test("lengthPrefixed() skips without a report when none is asked for", () => {
  const codec = lengthPrefixed({
    lengthBytes: 1,
    maxFrameLength: 1,
    onOversize: "skip",
  });
  assertEquals(codec.decode(hex("02 4849 01 41")), [utf8("A")]);
});

// Work

test("lengthPrefixed() takes time and memory linear in a frame that comes byte by byte", () => {
  for (const length of [1 << 10, 1 << 18]) {
    const codec = lengthPrefixed();
    const bytes = codec.encode(new Uint8Array(length));
    const { frame, work } = decodeByteByByte(codec, bytes);
    assertStrictEquals(frame?.length, length);
    assertLessOrEqual(work.read, 4 * bytes.length);
  }
});

test("lengthPrefixed() joins a frame of 16 MiB without copying it over and over", () => {
  const length = 16 << 20;
  const decoder = lengthPrefixed({ maxFrameLength: length }).decoder();
  const chunk = new Uint8Array(1 << 14);
  decoder.push(hex("01000000"));
  let frame: Uint8Array | undefined;
  const work = countWork(() => {
    for (let i = 0; i < length / chunk.length; i++) {
      decoder.push(chunk);
      frame = decoder.next();
    }
  });
  assertStrictEquals(frame?.length, length);
  assertLessOrEqual(work.copied, 3 * length);
  assertLessOrEqual(work.largestAllocation, 2 * length + 8);
});

test("lengthPrefixed() copies nothing of frames that come whole in one chunk", () => {
  const codec = lengthPrefixed({ lengthBytes: 1 });
  const chunk = concat(new Array<Uint8Array>(1000).fill(codec.encode(hi)));
  const decoder = codec.decoder();
  let count = 0;
  const work = countWork(() => {
    decoder.push(chunk);
    while (decoder.next() !== undefined) count++;
  });
  assertStrictEquals(count, 1000);
  assertStrictEquals(work.copied, 0);
  assertLessOrEqual(work.read, 1000);
});

// Options

test("lengthPrefixed() refuses options that are out of range", () => {
  const wrong: LengthPrefixedOptions[] = [
    { lengthBytes: 0 },
    { lengthBytes: 9 },
    { lengthBytes: 2.5 },
    { lengthOffset: -1 },
    { lengthOffset: NaN },
    { lengthAdjustment: 0.5 },
    { lengthAdjustment: Infinity },
    { stripBytes: -1 },
    { stripBytes: 1.5 },
    { lengthUnit: 0 },
    { lengthUnit: 65_537 },
    { lengthBytes: 9, lengthEncoding: "bcd" },
    { lengthBytes: 17, lengthEncoding: "decimal" },
    { lengthBytes: 17, lengthEncoding: "hex" },
    { maxFrameLength: -1 },
    { maxFrameLength: NaN },
    { maxFrameLength: Infinity },
    { maxFrameLength: 2 ** 53 },
  ];
  for (const options of wrong) {
    assertThrows(
      () => lengthPrefixed(options),
      RangeError,
      `Cannot use ${Object.keys(options)[0]}`,
    );
  }
});

test("lengthPrefixed() refuses options that have none of their values", () => {
  const wrong: unknown[] = [
    { endian: "middle" },
    { lengthIncludes: "header" },
    { lengthEncoding: "octal" },
    { endian: "little", lengthEncoding: "decimal" },
    { onOversize: "ignore" },
  ];
  for (const options of wrong) {
    assertThrows(
      () => lengthPrefixed(options as LengthPrefixedOptions),
      TypeError,
      "Cannot use",
    );
  }
});

// Laws

const layouts: fc.Arbitrary<LengthPrefixedOptions> = fc.record({
  lengthBytes: fc.integer({ min: 1, max: 8 }),
  endian: fc.constantFrom("big", "little"),
  lengthOffset: fc.nat(4),
  lengthIncludes: fc.constantFrom("body", "frame"),
  lengthAdjustment: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    fc.integer({ min: -12, max: 12 }),
    fc.constantFrom(-(2 ** 31), 2 ** 31, -300, 300),
  ),
  stripBytes: fc.nat(14),
  maxFrameLength: fc.oneof(fc.nat(40), fc.constant(300)),
  lengthEncoding: fc.constantFrom("binary", "decimal", "hex", "bcd"),
  lengthUnit: fc.integer({ min: 1, max: 4 }),
  copy: fc.boolean(),
}, { requiredKeys: [] })
  // Digits have one order only.
  .map(({ endian = "big", lengthEncoding = "binary", ...others }) => ({
    ...others,
    lengthEncoding,
    endian: lengthEncoding === "binary" ? endian : "big",
  }));

/** Frames around the sizes at which something changes. */
const frames = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.integer({ min: 0, max: 310 }).map((length) =>
    new Uint8Array(length).fill(0x61)
  ),
);

/** Bytes in which lengths of a few bytes are frequent. */
const noise = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.nat(9) },
    { weight: 9, arbitrary: fc.constantFrom(...utf8("00000123Af")) },
    fc.nat(255),
  ),
  { maxLength: 60 },
).map((bytes) => Uint8Array.from(bytes));

/** Where a frame's parts are by the options' own words, in whole numbers. */
function layoutOf(options: LengthPrefixedOptions) {
  const { lengthBytes = 4, lengthOffset = 0 } = options;
  const headerLength = lengthOffset + lengthBytes;
  const { stripBytes = headerLength, lengthIncludes = "body" } = options;
  const counted = lengthIncludes === "body" ? headerLength : 0;
  return {
    lengthBytes,
    lengthOffset,
    headerLength,
    stripBytes,
    base: BigInt(counted + (options.lengthAdjustment ?? 0)),
    unit: BigInt(options.lengthUnit ?? 1),
    encoding: options.lengthEncoding ?? "binary",
    maxFrameLength: options.maxFrameLength ?? 2 ** 20,
  };
}

/** How many values a byte of the length field has. */
const valuesOfByte = { binary: 256n, decimal: 10n, hex: 16n, bcd: 100n };

/** The number in a length field, highest byte first, if it is one. */
function numberIn(field: number[], encoding: keyof typeof valuesOfByte) {
  const inHex = field.map((byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  const text = String.fromCharCode(...field);
  switch (encoding) {
    case "binary":
      return BigInt(`0x${inHex}`);
    case "decimal":
      return /^\d+$/.test(text) ? BigInt(text) : undefined;
    case "hex":
      return /^[\da-f]+$/i.test(text) ? BigInt(`0x${text}`) : undefined;
    case "bcd":
      return /^\d+$/.test(inHex) ? BigInt(inHex) : undefined;
  }
}

/** Decodes slowly, but plainly as the options say. */
function referenceDecode(bytes: Uint8Array, options: LengthPrefixedOptions) {
  const {
    lengthBytes,
    lengthOffset,
    headerLength,
    stripBytes,
    base,
    unit,
    encoding,
    maxFrameLength,
  } = layoutOf(options);
  const frames: Uint8Array[] = [];
  const skipped: number[] = [];
  let offset = 0;
  const end = (code: string) => ({ frames, skipped, error: { code, offset } });
  while (offset < bytes.length) {
    const rest = bytes.slice(offset);
    if (rest.length < headerLength) return end("FRAME_TRUNCATED");
    const field = [...rest.slice(lengthOffset, lengthOffset + lengthBytes)];
    if (options.endian === "little") field.reverse();
    const announced = numberIn(field, encoding);
    if (announced === undefined) return end("LENGTH_INVALID");
    const length = base + unit * announced;
    if (length < headerLength || length < stripBytes) {
      return end("LENGTH_INVALID");
    }
    const tooLarge = length - BigInt(stripBytes) > maxFrameLength;
    if (tooLarge && options.onOversize !== "skip") {
      return end("FRAME_TOO_LARGE");
    }
    if (tooLarge) skipped.push(offset);
    if (length > rest.length) return end("FRAME_TRUNCATED");
    if (!tooLarge) frames.push(rest.slice(stripBytes, Number(length)));
    offset += Number(length);
  }
  return { frames, skipped };
}

test("lengthPrefixed() gives back what was encoded, however it is laid out and cut", () => {
  fc.assert(
    fc.property(
      layouts,
      fc.array(frames, { maxLength: 6 }),
      fc.array(fc.nat(600)),
      (options, frames, indices) => {
        const codec = lengthPrefixed(options);
        const {
          lengthOffset,
          headerLength,
          stripBytes,
          base,
          unit,
          encoding,
          maxFrameLength,
          lengthBytes,
        } = layoutOf(options);
        const output = new ByteWriter();
        const encoder = codec.encoder();
        const expected: Uint8Array[] = [];
        for (const frame of frames) {
          const before = output.view().slice();
          const wholeLength = BigInt(stripBytes + frame.length);
          const value = wholeLength - base;
          const carried = frame.length <= maxFrameLength &&
            wholeLength >= headerLength && value >= 0n &&
            value % unit === 0n &&
            value / unit < valuesOfByte[encoding] ** BigInt(lengthBytes);
          if (!carried) {
            frameError(() => encoder.encode(frame, output));
            assert(equals(output.view(), before), "nothing was written");
            continue;
          }
          encoder.encode(frame, output);
          // What the frame holds of the length field is the encoder's.
          const delivered = output.view(before.length + stripBytes).slice();
          frame.forEach((byte, i) => {
            const at = stripBytes + i;
            const inField = at >= lengthOffset && at < headerLength;
            if (!inField) assertStrictEquals(delivered[i], byte);
          });
          assertStrictEquals(delivered.length, frame.length);
          expected.push(delivered);
        }
        const bytes = output.take();
        for (const chunks of [[bytes], cutAt(bytes, indices)]) {
          assertEquals(runDecoder(() => codec, chunks), {
            frames: expected,
            skipped: [],
            error: undefined,
          });
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("lengthPrefixed() decodes arbitrary bytes as its options say, under every cut", () => {
  fc.assert(
    fc.property(
      layouts,
      fc.constantFrom("error" as const, "skip" as const),
      noise,
      (layout, onOversize, bytes) => {
        const options = { ...layout, onOversize };
        assertDecodes(
          (onSkip) => lengthPrefixed({ ...options, onSkip }),
          bytes,
          referenceDecode(bytes, options),
        );
      },
    ),
    { numRuns: 150 },
  );
});

test("lengthPrefixed() leaves the digits of a frame that includes its length as they are", () => {
  const codec = lengthPrefixed({
    lengthBytes: 4,
    lengthEncoding: "hex",
    lengthIncludes: "frame",
    stripBytes: 0,
  });
  const frame = utf8("000Aabcdef");
  assertEquals(codec.decode(frame), [frame]);
  assertEquals(codec.encode(frame), frame);
  assertEquals(codec.encode(utf8("000Babcdef")), utf8("000aabcdef"));
  const summed = checksum(codec, { length: 0, compute: () => hex("") });
  assertEquals(summed.encode(frame), frame);
});

test("lengthPrefixed() fills the length into a copy of a large frame that includes it", () => {
  const codec = lengthPrefixed({ stripBytes: 0 });
  const frame = new Uint8Array(300_000);
  const output = new ByteWriter(262_144);
  codec.encoder().encode(frame, output);
  assertEquals(output.takeTail(), undefined);
  assertEquals(output.take(), codec.encode(frame));
  assertEquals(frame.subarray(0, 4), hex("00 00 00 00"));
});

test("lengthPrefixed() encodes every frame that it decodes", () => {
  fc.assert(
    fc.property(layouts, noise, (options, bytes) => {
      const codec = lengthPrefixed(options);
      const { frames } = referenceDecode(bytes, options);
      const again = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(codec.decode(again), frames);
    }),
    { numRuns: 500 },
  );
});

test("lengthPrefixed() keeps an encoded frame within its header of the frame", () => {
  fc.assert(fc.property(frames, (frame) => {
    const codec = lengthPrefixed();
    const bytes = codec.encode(frame);
    assertStrictEquals(bytes.length, 4 + frame.length);
    assertLess(new DataView(bytes.buffer).getUint32(0), 2 ** 20);
    assertEquals(bytes.slice(4), frame);
  }));
});
