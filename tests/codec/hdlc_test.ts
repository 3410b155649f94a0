import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { hdlc, type HdlcOptions } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

// The checksums were computed apart from this module, bit by bit.
for (
  const [options, frame, wire] of [
    [{}, "41", "7e 41 f5a3 7e"],
    [{}, "", "7e 0000 7e"],
    [{}, "7e", "7e 7d5e 816a 7e"],
    [{}, "7d 7e", "7e 7d5d 7d5e 02d5 7e"],
    // The checksum itself is 7d 7e.
    [{}, "28 18", "7e 2818 7d5d 7d5e 7e"],
    [{}, "10 11", "7e 1011 de9b 7e"],
    [{ fcs: "fcs32" }, "41", "7e 41 8b9ed9d3 7e"],
    [{ fcs: "fcs32" }, "", "7e 00000000 7e"],
    [{ fcs: "fcs32" }, "ff fd c0 21", "7e fffdc021 7d5efecec5 7e"],
    [{ fcs: "none" }, "41 7e 42", "7e 417d5e42 7e"],
    [{ escapeControls: true }, "", "7e 7d207d20 7e"],
    [
      { escapeControls: true },
      "ff 03 c0 21 01 01 00 04",
      "7e ff7d23c021 7d217d217d207d24 d1b5 7e",
    ],
  ] as const satisfies readonly (readonly [HdlcOptions, string, string])[]
) {
  test(`hdlc(${JSON.stringify(options)}) writes and reads ${frame || "an empty frame"}`, () => {
    assertEquals(hdlc(options).encode(hex(frame)), hex(wire));
    assertDecodes(() => hdlc(options), hex(wire), { frames: [hex(frame)] });
  });
}

test("hdlc() has the checksums of the catalogues", () => {
  const digits = utf8("123456789");
  assertEquals(hdlc().encode(digits).slice(-3), hex("6e90 7e"));
  assertEquals(
    hdlc({ fcs: "fcs32" }).encode(digits).slice(-5),
    hex("2639f4cb 7e"),
  );
});

// Two frames in one read from a modem, in an issue of eclipse-threadx/netxduo (150).
const modem = hex(
  "7eff7d23c0217d217d217d207d387d227d267d207d207d207d207d237d24c023" +
    "7d257d26339d7d2a657d277d227d287d22f2ef7e" +
    "7eff7d23c0217d22e57d207d287d217d247d25dc6f7d267e",
);

test("hdlc() reads and writes what a modem and its host write", () => {
  const frames = [
    hex("ff03c021 01010018 020600000000 0304c023 0506339d0a65 0702 0802"),
    hex("ff03c021 02e50008 010405dc"),
  ];
  assertDecodes(() => hdlc(), modem, { frames });
  const codec = hdlc({ escapeControls: true });
  assertEquals(
    frames.flatMap((frame) => [...codec.encode(frame)]),
    [...modem],
  );
});

// In an issue of ppp-project/ppp (78): this peer escapes the address, ff, too.
test("hdlc() reads escapes that it does not write", () => {
  const bytes = hex(
    "7e7ddf7d23c0217d217d217d207d347d227d267d207d207d207d207d257d26" +
      "937d2f7d22227d277d227d287d22de6c7e",
  );
  assertDecodes(() => hdlc(), bytes, {
    frames: [hex("ff03c021 01010014 020600000000 0506930f0222 0702 0802")],
  });
});

test("hdlc() takes one flag between frames, or many", () => {
  assertDecodes(
    () => hdlc(),
    hex("7e7e7e 41f5a3 7e 426e91 7e7e7e 41f5a3 7e7e"),
    { frames: [hex("41"), hex("42"), hex("41")] },
  );
  assertDecodes(() => hdlc(), hex("41f5a3 7e"), { frames: [hex("41")] });
});

test("hdlc() refuses a wrong checksum, and a frame too short for one", () => {
  for (const wrong of ["41f5a2", "40f5a3", "41f5", "41", "f5a3", "00"]) {
    assertDecodes(() => hdlc(), hex(`7e 426e91 7e ${wrong} 7e 41f5a3 7e`), {
      frames: [hex("42")],
      error: { code: "CHECKSUM_MISMATCH", offset: 5 },
    });
  }
  const { expected, got } = frameError(() =>
    hdlc().decode(hex("7e 41f5a2 7e"))
  );
  assertEquals([expected, got], ["f5a3", "f5a2"]);
});

test("hdlc() refuses what lies before the first flag", () => {
  assertDecodes(() => hdlc(), hex("414243 7e 41f5a3 7e"), {
    frames: [],
    error: { code: "CHECKSUM_MISMATCH", offset: 0 },
  });
});

test("hdlc() discards an aborted frame", () => {
  for (const aborted of ["7d", "41f5a3 7d", "41 7d5e 7d"]) {
    assertDecodes(() => hdlc(), hex(`7e ${aborted} 7e 426e91 7e`), {
      frames: [hex("42")],
    });
  }
});

test("hdlc() passes over what lies before the next flag when asked to", () => {
  assertDecodes(
    (onSkip) => hdlc({ onInvalid: "skip", onSkip }),
    hex("4142 7e 41f5a3 7e 41f5 7d 7e7e 42f5a3 7e 00 7e 426e91 7e"),
    {
      frames: [hex("41"), hex("42")],
      skipped: [
        { code: "CHECKSUM_MISMATCH", offset: 0 },
        { code: "MARK_INVALID", offset: 7 },
        { code: "CHECKSUM_MISMATCH", offset: 12 },
        { code: "CHECKSUM_MISMATCH", offset: 16 },
      ],
    },
  );
});

test("hdlc() reports the bytes of a frame as they were on the wire", () => {
  const shown: (Uint8Array | undefined)[] = [];
  const codec = hdlc({
    onInvalid: "skip",
    onSkip: ({ bytes }) => shown.push(bytes),
  });
  const long = new Uint8Array(100).fill(0x41);
  codec.decode(Uint8Array.of(0x7e, ...hex("7d5e 0102"), 0x7e, ...long, 0x7e));
  assertEquals(shown, [hex("7d5e 0102"), long.subarray(0, 64)]);
});

test("hdlc() refuses a frame that ends too early, also where it passes over others", () => {
  for (const onInvalid of ["error", "skip"] as const) {
    assertDecodes(() => hdlc({ onInvalid }), hex("7e 41f5a3 7e 41f5"), {
      frames: [hex("41")],
      error: { code: "FRAME_TRUNCATED", offset: 5 },
    });
  }
});

test("hdlc() limits the content, without the checksum, in both directions", () => {
  const codec = hdlc({ maxFrameLength: 2 });
  assertEquals(codec.decode(codec.encode(hex("6162"))), [hex("6162")]);
  // The longest form on the wire: every byte is escaped.
  assertDecodes(() => codec, hex("7d41 7d42 7dfe 7d13 7e"), {
    frames: [hex("6162")],
  });
  const three = hdlc().encode(hex("616263"));
  assertDecodes(() => codec, three, {
    frames: [],
    error: { code: "FRAME_TOO_LARGE", offset: 1 },
  });
  const error = frameError(() => codec.encode(hex("616263")));
  assertEquals(error.code, "FRAME_TOO_LARGE");
});

test("hdlc() refuses an empty frame only where no checksum marks it", () => {
  assertEquals(hdlc().decode(hdlc().encode(hex(""))), [hex("")]);
  const error = frameError(() => hdlc({ fcs: "none" }).encode(hex("")));
  assertEquals(error.code, "LENGTH_INVALID");
});

test("hdlc() refuses options that have none of their values", () => {
  for (
    const [name, options] of Object.entries({
      fcs: { fcs: "crc16" },
      onInvalid: { onInvalid: "drop" },
      onOversize: { onOversize: "drop" },
    })
  ) {
    assertThrows(
      () => hdlc(options as HdlcOptions),
      TypeError,
      `Cannot use ${name}`,
    );
  }
});

test("hdlc() hands out copies when asked to", () => {
  for (const copy of [false, true]) {
    const chunk = hex("7e 41f5a3 7e");
    const [frame] = hdlc({ copy }).decode(chunk);
    assertStrictEquals(frame!.buffer === chunk.buffer, !copy);
  }
});

test("hdlc() takes time linear in its bytes when they come one by one", () => {
  const frame = new Uint8Array(8192).fill(0x7e);
  const bytes = hdlc().encode(frame);
  const { frame: got, work } = decodeByteByByte(hdlc(), bytes);
  assertEquals(got, frame);
  assertLessOrEqual(work.scanned, 3 * bytes.length);
});

test("hdlc() gives back every frame", () => {
  const byte = fc.oneof(fc.constantFrom(0x7e, 0x7d, 0x5e, 0x11), fc.nat(255));
  fc.assert(fc.property(
    fc.array(fc.array(byte, { minLength: 1, maxLength: 60 }), { maxLength: 5 }),
    fc.constantFrom("fcs16", "fcs32", "none"),
    fc.boolean(),
    (contents, fcs, escapeControls) => {
      const frames = contents.map((content) => Uint8Array.from(content));
      const most = Math.max(0, ...frames.map(({ length }) => length));
      const codec = hdlc({ fcs, escapeControls, maxFrameLength: most });
      const wire = frames.flatMap((frame) => [...codec.encode(frame)]);
      assertEquals(codec.decode(Uint8Array.from(wire)), frames);
      if (escapeControls) assertEquals(wire.filter((one) => one < 0x20), []);
    },
  ));
});
