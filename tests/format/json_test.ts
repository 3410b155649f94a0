import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  FormatError,
  formatFromJson,
  formatOf,
  formatSchema,
  formatToJson,
  parseFormat,
} from "../../src/format/mod.ts";
import { matches } from "../support/format_json.ts";

test("formatToJson() gives the stages with the options by their names in code", () => {
  const codec = parseFormat(
    'delimited(["\\n", "\\xff"], copy) | max 1KiB | checksum(crc32)',
  );
  const json = [
    {
      stage: "delimited",
      delimiter: ["\n", { hex: "ff" }],
      maxFrameLength: 1_024,
      copy: true,
    },
    { stage: "checksum", kind: "crc32" },
  ];
  assertEquals(formatToJson(codec), json);
  assertEquals(formatOf(formatFromJson(json)), formatOf(codec));
});

test("formatFromJson() takes bytes in hexadecimal where they are UTF-8, too", () => {
  const json = [{ stage: "delimited", delimiter: { hex: "0D0a" } }];
  assertEquals(formatOf(formatFromJson(json)), 'delimited("\\r\\n")');
});

const cyclic: unknown[] = [];
cyclic.push(cyclic);

/** JSON that is no format: the path, what is expected, got and suggested. */
const slips: readonly [unknown, string, string, string, string?][] = [
  [undefined, "", "a list of stages", "undefined"],
  [{}, "", "a list of stages", "an object"],
  [[], "", "a list of stages", "a list"],
  [["length"], "/0", "a stage and its options", '"length"'],
  [[{}], "/0/stage", "the name of a format", "undefined"],
  [[{ stage: 1 }], "/0/stage", "the name of a format", "1"],
  [
    [{ stage: "lenght" }],
    "/0/stage",
    "the name of a format",
    "lenght",
    "length",
  ],
  [
    [{ stage: "length", includes: "frame" }],
    "/0/includes",
    "an option of length",
    "includes",
    "lengthIncludes",
  ],
  [
    [{ stage: "length", "a/b~": 1 }],
    "/0/a~1b~0",
    "an option of length",
    "a/b~",
  ],
  [
    JSON.parse('[{ "stage": "length", "__proto__": 1 }]'),
    "/0/__proto__",
    "an option of length",
    "__proto__",
  ],
  [
    [{ stage: "length", endian: "litle" }],
    "/0/endian",
    "big or little",
    '"litle"',
    "little",
  ],
  [
    [{ stage: "length" }, { stage: "checksum", kind: ["crc32"] }],
    "/1/kind",
    "crc32 or crc32c or crc16Ccitt or crc16Modbus or crc16X25 or crc16Xmodem or lrc8 or sum8 or xor8",
    "a list",
  ],
  [
    [{ stage: "delimited", delimiter: { hex: "f" } }],
    "/0/delimiter",
    "a string in quotes, or a list of strings",
    "an object",
  ],
  [
    [{ stage: "delimited", delimiter: cyclic }],
    "/0/delimiter",
    "a string in quotes, or a list of strings",
    "a list",
  ],
  [
    [{ stage: "json-header", fields: { cyclic } }],
    "/0/fields",
    "an object of JSON, at most 16 levels deep",
    "an object",
  ],
  [
    [{ stage: "stuffed", end: 1, escape: 2, map: { "01": 3, 2: 4 } }],
    "/0/map",
    "bytes by bytes, or {xor: BYTE, also: [BYTES]}",
    "an object",
  ],
  [
    [{ stage: "length", lengthBytes: 9 }],
    "/0",
    "a whole number from 1 to 8",
    "9",
  ],
  [
    [{ stage: "length" }, { stage: "length" }],
    "/1",
    "one that is laid over frames of bytes",
    "length",
  ],
  [
    [
      { stage: "length" },
      ...Array.from(
        { length: 20 },
        () => ({ stage: "checksum", kind: "xor8" }),
      ),
    ],
    "/16",
    "at most 16 stages",
    "more",
  ],
];

slips.forEach(([json, path, expected, got, suggestion], i) => {
  test(`formatFromJson() refuses what is no format with its path: ${i}, ${got}`, () => {
    const error = assertThrows(() => formatFromJson(json));
    assert(error instanceof FormatError);
    assertEquals(
      [error.path, error.column, error.expected, error.got, error.suggestion],
      [path, undefined, expected, got, suggestion],
    );
  });
});

test("formatSchema refuses what formatFromJson() refuses by its form", () => {
  for (
    const json of [
      [],
      [{}],
      [{ stage: "lenght" }],
      [{ stage: "json" }],
      [{ stage: "length" }, { stage: "length" }],
      [{ stage: "length", includes: "frame" }],
      [{ stage: "length", endian: "litle" }],
      [{ stage: "length", lengthBytes: 1.5 }],
      [{ stage: "fixed" }],
      [{ stage: "delimited", delimiter: { hex: "f" } }],
      [{ stage: "stuffed", end: 256, escape: 2, map: { xor: 3 } }],
      [{ stage: "stuffed", end: 1, escape: 2, map: { "01": 3 } }],
      Array.from({ length: 17 }, () => ({ stage: "length" })),
    ]
  ) {
    assert(!matches(formatSchema, json), JSON.stringify(json));
    assertThrows(() => formatFromJson(json), FormatError);
  }
});

test("formatSchema is plain JSON and has the defaults", () => {
  assertEquals(JSON.parse(JSON.stringify(formatSchema)), formatSchema);
  const text = JSON.stringify(formatSchema);
  assert(text.includes('"lengthBytes":{"type":"integer","default":4}'));
});
