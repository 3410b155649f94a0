import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  checksum,
  cobs,
  type Codec,
  commandFrame,
  contentLength,
  delimited,
  fixedLength,
  FrameError,
  hdlc,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  slip,
  stuffed,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { crc16Modbus } from "../../src/algorithms/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { FormatError, formatOf, parseFormat } from "../../src/format/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { assertDecodes } from "../support/run_decoder.ts";

/** An expression, the codec that it means, and a frame that tells it from others. */
const examples: readonly [string, Codec<never, unknown>, unknown][] = [
  ["length", lengthPrefixed(), utf8("HI")],
  [
    "length(4, little, includes=frame) | json",
    json(lengthPrefixed({ endian: "little", lengthIncludes: "frame" })),
    { a: 1 },
  ],
  ["length(2)", lengthPrefixed({ lengthBytes: 2 }), utf8("HI")],
  [
    "length(little, 2, lengthOffset=1, adjustment=-1)",
    lengthPrefixed({
      endian: "little",
      lengthBytes: 2,
      lengthOffset: 1,
      lengthAdjustment: -1,
    }),
    utf8("HI"),
  ],
  ["fixed(16)", fixedLength({ frameLength: 16 }), new Uint8Array(16)],
  ['delimited("\\0")', delimited({ delimiter: "\0" }), utf8("HI")],
  [
    'delimited(["\\xff\\u4f60", "\\n"], keepDelimiter=true)',
    delimited({
      delimiter: [Uint8Array.of(0xff, 0xe4, 0xbd, 0xa0), "\n"],
      keepDelimiter: true,
    }),
    Uint8Array.of(0x41, 0xff, 0xe4, 0xbd, 0xa0),
  ],
  ["lines", lines(), "one"],
  ["lines | json", json(delimited({ delimiter: "\n" })), [1]],
  ["lines | text(latin1)", text(lines() as never, "latin1"), undefined],
  ["netstring", netstring(), utf8("HI")],
  [
    "varint(zigzag) | checksum(crc32)",
    checksum(varintPrefixed({ encoding: "zigzag" }), "crc32"),
    utf8("HI"),
  ],
  ["content-length", contentLength(), utf8("{}")],
  [
    "content-length(headers)",
    contentLength({ headers: true }),
    { headers: { a: "1" }, body: utf8("{}") },
  ],
  ["cobs | checksum(crc16Modbus)", checksum(cobs(), crc16Modbus), utf8("\0")],
  ["slip(endFirst)", slip({ endFirst: true }), utf8("HI")],
  [
    "stuffed(0x0a, 92, {10: 0x6e, 0x5c: 0x5c})",
    stuffed({ end: 10, escape: 92, map: { 10: 110, 92: 92 } }),
    utf8("a\n"),
  ],
  ["hdlc(fcs32)", hdlc({ fcs: "fcs32" }), utf8("HI")],
  [
    'marked("\\x02", "\\x03", restart)',
    marked({ start: "\x02", end: "\x03", restart: true }),
    utf8("HI"),
  ],
  [
    "command(little)",
    commandFrame({ endian: "little" }),
    { command: 2, wantsReply: true, body: utf8("HI") },
  ],
  [
    'json-header(lengthKey="size", fields={"ver": "1", more: [1.5, null]})',
    jsonHeader({ lengthKey: "size", fields: { ver: "1", more: [1.5, null] } }),
    { body: utf8("HI") },
  ],
  ["preset:kafka | max 1MiB", presets.kafka(), utf8("HI")],
  ["preset:erlang(2)", presets.erlang(2), utf8("HI")],
  [
    "preset:netty(lengthFieldOffset=0, lengthFieldLength=1) | max 9",
    presets.netty({
      maxFrameLength: 9,
      lengthFieldOffset: 0,
      lengthFieldLength: 1,
    }),
    Uint8Array.of(1, 65),
  ],
  [" length\n( 2 ,\tlittle )|json ", json(presets.erlang(2)), undefined],
];

for (const [expression, codec, frame] of examples) {
  if (frame === undefined) continue;
  test(`parseFormat() makes the codec of ${JSON.stringify(expression)}`, () => {
    const bytes = codec.encode(frame as never);
    const parsed = parseFormat(expression);
    assertEquals(parsed.encode(frame), bytes);
    assertDecodes(() => parsed, bytes, { frames: codec.decode(bytes) });
  });
}

test("parseFormat() passes over white space, line ends too", () => {
  const codec = parseFormat(" length\n( 2 ,\tlittle )|json ");
  assertEquals(codec.decode(Uint8Array.of(1, 0, 0x37)), [7]);
});

test("parseFormat() hands lines out as bytes to the stage over them", () => {
  const codec = parseFormat("lines(skipEmpty) | text(latin1)");
  assertEquals(codec.decode(Uint8Array.of(0xe9, 13, 10, 10, 0xe8)), ["é", "è"]);
});

test("parseFormat() sets the limit of the first stage with max, wherever it stands", () => {
  for (
    const expression of [
      "length | max 1.5KiB | json",
      "length | json | max 1536B",
      "length(maxFrameLength=0x600) | json",
    ]
  ) {
    const codec = parseFormat(expression);
    assertEquals(codec.encode("a".repeat(1_534)).length, 1_540);
    assertThrows(() => codec.encode("a".repeat(1_535)));
  }
});

/** What is wrong, the column, what is expected, got and suggested. */
const slips: readonly [string, number, string, string, string?][] = [
  ["", 1, "the name of a format", "the end"],
  ["lenght", 1, "the name of a format", "lenght", "length"],
  ["lengthPrefixed", 1, "the name of a format", "lengthPrefixed", "length"],
  ["kafka", 1, "the name of a format", "kafka", "preset:kafka"],
  ["preset:length", 1, "the name of a format", "preset:length", "length"],
  ["preset:kafk", 1, "the name of a format", "preset:kafk", "preset:kafka"],
  ["preset:xyz", 1, "the name of a format", "preset:xyz"],
  [
    "length".padEnd(50, "x"),
    1,
    "the name of a format",
    `${"length".padEnd(40, "x")}…`,
  ],
  ["constructor", 1, "the name of a format", "constructor"],
  ["preset", 7, "a colon and the name of a preset", "the end"],
  [
    "length(2, endianness=little)",
    11,
    "an option of length",
    "endianness",
    "endian",
  ],
  ["length(endianness)", 8, "an option of length", "endianness", "endian"],
  ["length(endian)", 14, "= and a value of endian", ")"],
  ["lenght #", 1, "the name of a format", "lenght", "length"],
  ["length(litle)", 8, "an option of length", "litle", "little"],
  ["length(toString=1)", 8, "an option of length", "toString"],
  ["length(endian=litle)", 15, "big or little", '"litle"', "little"],
  ["length(endian=3)", 15, "big or little", "3"],
  ["length(2.5)", 8, "a whole number, or big or little", "2.5"],
  ["length(2, 3)", 11, "big or little", "3"],
  ["length(2, lengthBytes=3)", 23, "lengthBytes once", "a second one"],
  ["length(bytes=2, lengthBytes=3)", 29, "lengthBytes once", "a second one"],
  ["length(9)", 1, "a whole number from 1 to 8", "9"],
  ["length | length(2)", 10, "one that is laid over frames of bytes", "length"],
  ["json", 1, "a format of frames to begin with", "json"],
  [
    "lines | json | json",
    16,
    "the end, because the frames are no bytes here",
    "json",
  ],
  [
    "content-length(headers) | json",
    27,
    "the end, because the frames are no bytes here",
    "json",
  ],
  ["length json", 8, "| and a stage, or the end", "json"],
  ["length |", 9, "the name of a format", "the end"],
  ["length(2", 9, "a comma or )", "the end"],
  ["length(2,)", 10, "a value", ")"],
  ["length(=2)", 8, "a value", "="],
  ["fixed", 1, "frameLength, a number of bytes", "none"],
  ["fixed(2) | max 3", 12, "a format that has a limit before it", "fixed"],
  ["length | max", 13, "a number of bytes", "the end"],
  ["length | max 1 | max 2", 22, "maxFrameLength once", "a second one"],
  ["length | max -1", 1, "a whole number from 0 to 9007199254740991", "-1"],
  [
    "length | max 1kib",
    14,
    "a number, or one with a unit: B, KiB, MiB, GiB",
    '"1kib"',
  ],
  [
    "delimited(json)",
    11,
    "an option of delimited",
    "json",
  ],
  [
    "delimited(delimiter=json)",
    21,
    "a string in quotes, or a list of strings",
    "json",
  ],
  [
    'delimited("")',
    1,
    "at least one, and none of them empty",
    "something else",
  ],
  [
    'delimited("\\q")',
    12,
    "a character, an escape, or the quote that ends the string",
    '"\\\\q"',
  ],
  [
    'delimited("a',
    13,
    "a character, an escape, or the quote that ends the string",
    "the end",
  ],
  ["delimited(#)", 11, "a word or a value", '"#"'],
  ["delimited([[[[[[[[[[[[[[[[[1", 27, "a value that is less deep", "["],
  [
    'json-header(fields={"a": "\\xff"})',
    26,
    "text in UTF-8",
    '"\\xff"',
  ],
  [
    'json-header(fields={"a": ["\\xff"]})',
    27,
    "text in UTF-8",
    '"\\xff"',
  ],
  ["json-header(fields={a: 1, a: 2})", 27, "a once", "a second one"],
  [
    "length | checksum(crc16modbus)",
    19,
    "an option of checksum",
    "crc16modbus",
    "crc16Modbus",
  ],
  [
    "lines(fatal) | json",
    1,
    "it in the stage over the lines",
    "it in lines",
  ],
];

for (const [expression, column, expected, got, suggestion] of slips) {
  test(`parseFormat() refuses ${JSON.stringify(expression)} with its place`, () => {
    const error = assertThrows(() => parseFormat(expression));
    assert(error instanceof FormatError);
    assertEquals(
      [error.column, error.path, error.expected, error.got, error.suggestion],
      [column, undefined, expected, got, suggestion],
    );
  });
}

test("parseFormat() keeps the error of a codec that refuses its options", () => {
  const error = assertThrows(() => parseFormat("length(9)"));
  assert(error instanceof FormatError);
  assert(error.cause instanceof RangeError);
  assertEquals(
    error.message,
    "Cannot use lengthBytes: expected a whole number from 1 to 8, got 9 at column 1",
  );
});

test("parseFormat() refuses more than 16 stages, and 4,096 characters", () => {
  const stages = (
    views: number,
  ) => ["length", ...Array.from({ length: views }, () => "checksum(xor8)")];
  parseFormat(stages(15).join("|"));
  const tooMany = assertThrows(() => parseFormat(stages(16).join("|")));
  assert(tooMany instanceof FormatError);
  assertEquals(tooMany.column, 8 + 15 * 15);
  assertEquals(tooMany.expected, "at most 16 stages");
  parseFormat("length".padEnd(4_096));
  const tooLong = assertThrows(() => parseFormat("length".padEnd(4_097)));
  assert(tooLong instanceof FormatError);
  assertEquals(tooLong.column, 4_097);
});

/** Parts that expressions are made of, right and wrong. */
const parts = [
  ...'|(),=[]{}:"\\ #',
  ...["length", "delimited", "marked", "stuffed", "json-header", "checksum"],
  ...["preset", "kafka", "netty", "json", "text", "max", "little", "restart"],
  ...["endian", "includes", "fields", "between", "constructor", "__proto__"],
  ...["0", "4", "-1", "1.5", "0x7e", "64KiB", "1e999", "true", "null"],
  ...[
    '"\\0"',
    '"<"',
    '"\\xff"',
    '"\\ud800"',
    "(2)",
    '("<", ">")',
    " | ",
    "{xor: 1}",
  ],
];

test("parseFormat() throws nothing but a FormatError with a place in the text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...parts), { maxLength: 12 }),
      fc.boolean(),
      (parts, isStage) => {
        const text = `${isStage ? "length" : ""}${parts.join("")}`;
        try {
          const normal = formatOf(parseFormat(text));
          assertEquals(normal && formatOf(parseFormat(normal)), normal);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          const { column = 0 } = error;
          assert(column >= 1 && column <= text.length + 1, error.message);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test("parseFormat() tells onSkip of what each stage passes over, and of nothing else", () => {
  const codes: string[] = [];
  const codec = parseFormat(
    'delimited("\\n", onOversize=skip) | max 8 | json(onInvalid=skip)',
    { onSkip: ({ code }) => codes.push(code) },
  );
  const bytes = new TextEncoder().encode("1\nno\n[2]\n123456789\n3\n");
  assertEquals(codec.decode(bytes), [1, [2], 3]);
  assertEquals(codes, ["MESSAGE_INVALID", "FRAME_TOO_LARGE"]);
  const strict = parseFormat("lines | json", {
    onSkip: ({ code }) => codes.push(code),
  });
  assertThrows(() => strict.decode(bytes), FrameError);
  assertEquals(codes.length, 2);
});
