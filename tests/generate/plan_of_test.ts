import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { lengthPrefixed, mapCodec } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { planOf } from "../../src/generate/plan_of.ts";

const plan = (expression: string) => planOf(parseFormat(expression), "Frames");

test("planOf() works out what follows from the options of a length", () => {
  const { framing, limit } = plan(
    "length(2, little, offset=1, includes=frame, unit=4, adjustment=-1, onOversize=skip) | max 64",
  );
  assertEquals(framing, {
    kind: "length",
    lengthBytes: 2,
    lengthEncoding: "binary",
    littleEndian: true,
    lengthOffset: 1,
    lengthUnit: 4,
    headerLength: 3,
    stripBytes: 3,
    // The length counts the three bytes of the header, and one more.
    base: -4,
    least: 4,
    mostOfField: 65_535n,
  });
  assertEquals(limit, {
    maxFrameLength: 64,
    maxEncodedLength: 64,
    skips: true,
  });
});

test("planOf() has the digits of a length as its largest value", () => {
  const most = (encoding: string) => {
    const { framing } = plan(`length(2, encoding=${encoding})`);
    return framing.kind === "length" && framing.mostOfField;
  };
  assertEquals(["decimal", "hex", "bcd"].map(most), [99n, 255n, 9_999n]);
});

test("planOf() takes a preset that is nothing but another format for that", () => {
  const { expression, framing, limit } = plan("preset:twistedInt16");
  assertEquals([expression, framing.kind], ["preset:twistedInt16", "length"]);
  assertEquals(limit.maxFrameLength, 65_535);
});

test("planOf() lists checksums from the end of a frame on, and what they are", () => {
  const { checksums } = plan(
    "cobs | checksum(crc16Modbus, onInvalid=skip) | checksum(lrc8)",
  );
  assertEquals(
    checksums.map(({ name, length, skipsInvalid }) => [
      name,
      length,
      skipsInvalid,
    ]),
    [["crc16Modbus", 2, true], ["lrc8", 1, false]],
  );
  assertEquals(checksums[1]?.sum, "subtract");
});

test("planOf() says what frames are made into", () => {
  const contents = {
    "length(2)": { kind: "bytes" },
    "lines(fatal, onInvalid=skip)": {
      kind: "text",
      fatal: true,
      skipsInvalid: true,
    },
    'length(2) | text("UTF8")': {
      kind: "text",
      fatal: false,
      skipsInvalid: false,
    },
    "lines | json(onInvalid=skip)": { kind: "json", skipsInvalid: true },
  };
  for (const [expression, content] of Object.entries(contents)) {
    assertEquals(plan(expression).content, content as never, expression);
  }
});

test("planOf() has the bytes that are escaped, and what reads them", () => {
  assertEquals(plan("slip(endFirst, unknownEscapes=keep)").framing, {
    kind: "stuffed",
    end: 0xc0,
    escape: 0xdb,
    written: [[0xc0, 0xdc], [0xdb, 0xdd]],
    xor: undefined,
    endFirst: true,
    keepsUnknown: true,
    skipsInvalid: false,
  });
  const { framing } = plan("stuffed(0x7e, 0x7d, {xor: 32, also: [17]})");
  assertEquals(framing.kind === "stuffed" && [framing.xor, framing.written], [
    32,
    [[0x11, 0x31], [0x7d, 0x5d], [0x7e, 0x5e]],
  ]);
});

for (
  const [expression, got] of [
    ["hdlc", "got hdlc"],
    ["command", "got commandFrame"],
    ["preset:resp", "got preset:resp"],
    // It refuses versions that its length alone would let pass.
    ["preset:tpkt", "got preset:tpkt"],
    ["length(1) | text(gbk)", "got text in gbk"],
  ] as const
) {
  test(`planOf() refuses ${expression}, and says what it knows`, () => {
    assertThrows(() => plan(expression), TypeError, "expected length, fixed");
    assertThrows(() => plan(expression), TypeError, got);
  });
}

test("planOf() refuses a codec that is not all data", () => {
  const codec = mapCodec(lengthPrefixed(), {
    name: "reversed",
    decode: (frame) => frame.toReversed(),
    encode: (frame: Uint8Array) => frame.toReversed(),
  });
  assertThrows(() => planOf(codec, "Frames"), TypeError, "reversed");
});
