import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { exampleOf } from "../../../src/cli/explain/example_of.ts";
import { layoutOf } from "../../../src/cli/explain/layout.ts";
import { optionNote } from "../../../src/cli/explain/option_notes.ts";
import { presetNotes } from "../../../src/cli/explain/preset_notes.ts";
import { stageNote } from "../../../src/cli/explain/stage_notes.ts";
import { paint } from "../../../src/cli/terminal/palette.ts";
import { fieldsOf } from "../../../src/format/fields_of.ts";
import { parseFormat } from "../../../src/format/parse_format.ts";
import { stageKinds } from "../../../src/format/stages.ts";

test("each stage has a note, and so has each of its options", () => {
  for (const { name, options } of stageKinds) {
    assert(stageNote(name) !== undefined, `${name} has no note`);
    for (const option of Object.keys(options)) {
      assert(
        optionNote(name, option) !== undefined,
        `${option} of ${name} has no note`,
      );
    }
  }
});

test("the presets with notes are those that expressions can have", () => {
  assertEquals(
    Object.keys(presetNotes).map((name) => `preset:${name}`),
    stageKinds.map(({ name }) => name)
      .filter((name) => name.startsWith("preset:")).sort(),
  );
});

test("the example of each preset is what its codec writes, and whole", () => {
  for (
    const [name, { expression = `preset:${name}`, example }] of Object.entries(
      presetNotes,
    )
  ) {
    const codec = parseFormat(expression);
    const bytes = exampleOf(codec);
    assertEquals(
      bytes && String.fromCharCode(...bytes),
      example,
      `${name} is written in another way`,
    );
    const frames = fieldsOf(codec, bytes!);
    assertEquals(frames.filter(({ error }) => error !== undefined), [], name);
    assert(frames.length > 0, name);
  }
});

test("a summary of a preset fits beside its name into 80 columns", () => {
  for (const [name, { summary }] of Object.entries(presetNotes)) {
    assert(summary.length <= 58, `${name} has a long summary`);
    assert(!summary.endsWith("."), `${name} has a full stop`);
  }
});

test("the fields of each drawing have colours", () => {
  const palette = paint(false);
  for (const { name } of stageKinds) {
    const kind = name.startsWith("preset:") ? name : undefined;
    if (kind === undefined) continue;
    for (const [field, text] of layoutOf({ kind, options: {} })) {
      assert(Object.hasOwn(palette, field), `${name} has ${field}`);
      assert(text !== "", `${name} has an empty ${field}`);
    }
  }
});

/** Expressions, the fields of their drawings, and the bytes of their examples. */
const layouts: readonly (readonly [string, string, string])[] = [
  [
    "length",
    "length: 4 bytes, big-endian | body: length bytes",
    "0000000568656c6c6f",
  ],
  ["length(1)", "length: 1 byte | body: length bytes", "0568656c6c6f"],
  [
    "length(2, little, includes=frame, offset=1)",
    "header: 1 byte | length: 2 bytes, little-endian | body: length - 3 bytes",
    "00080068656c6c6f",
  ],
  [
    "length(2, unit=2, adjustment=4, stripBytes=4)",
    "length: 2 bytes, big-endian | header: 2 bytes | body: length × 2 + 2 bytes",
    "000000006869",
  ],
  [
    "length(4, encoding=hex)",
    "length: 4 hexadecimal digits | body: length bytes",
    "3030303568656c6c6f",
  ],
  [
    "length(2, encoding=bcd)",
    "length: 2 bytes of decimal digits | body: length bytes",
    "000568656c6c6f",
  ],
  ["fixed(3)", "body: 3 bytes", "000102"],
  [
    'delimited([" | ", "l"])',
    'body: any bytes but the delimiter | delimiter: " | " or "l"',
    "6869207c20",
  ],
  [
    "lines",
    'body: text in UTF-8 | delimiter: "\\n" or "\\r\\n"',
    "68656c6c6f0a",
  ],
  [
    "netstring",
    'length: decimal digits | delimiter: ":" | body: length bytes | terminator: ","',
    "353a68656c6c6f2c",
  ],
  [
    "varint(vlq)",
    "length: 1 to 10 bytes, vlq | body: length bytes",
    "0568656c6c6f",
  ],
  [
    "content-length | json",
    "header: lines | length: Content-Length: digits | delimiter: an empty line | body: length bytes, JSON in UTF-8",
    "436f6e74656e742d4c656e6774683a2031310d0a0d0a7b2268656c6c6f223a317d",
  ],
  ["cobs", "body: blocks without 0x00 | delimiter: 0x00", "0668656c6c6f00"],
  ["slip", "body: escaped with 0xdb | delimiter: 0xc0", "68656c6c6fc0"],
  [
    "stuffed(0x7e, 0x7d, {xor: 0x20})",
    "body: escaped with 0x7d | delimiter: 0x7e",
    "68656c6c6f7e",
  ],
  [
    "hdlc",
    "start: 0x7e | body: escaped with 0x7d | checksum: 2 bytes, escaped | delimiter: 0x7e",
    "7e68656c6c6fbd347e",
  ],
  [
    'marked("<", ">", trailerLength=2) | checksum(crc16Modbus)',
    'start: "<" | body: any bytes but the end | end: ">" | checksum: 2 bytes',
    "3c68656c6c6f3ef634",
  ],
  [
    "command(little)",
    "length: 4 bytes, little-endian | command: 4 bytes | reply: 4 bytes, 0 or 1 | body: length bytes",
    "05000000010000000100000068656c6c6f",
  ],
  [
    "json-header",
    'length: 4 bytes, big-endian | header: length bytes, JSON | body: as many bytes as "length" says',
    "0000000c7b226c656e677468223a357d68656c6c6f",
  ],
  [
    "length(1) | checksum(crc32) | text(latin1)",
    "length: 1 byte | body: length - 4 bytes, text in latin1 | checksum: 4 bytes",
    "",
  ],
  [
    "preset:iso8583(ascii)",
    "length: 2 bytes, or 4 digits | body: length bytes",
    "3030303430383030",
  ],
];

for (const [expression, fields, hex] of layouts) {
  test(`layoutOf() and exampleOf() know ${expression}`, () => {
    const codec = parseFormat(expression);
    assertEquals(
      layoutOf(codec.description!).map((cell) => cell.join(": ")).join(" | "),
      fields,
    );
    assertEquals(hexOf(exampleOf(codec) ?? new Uint8Array(0)), hex);
  });
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
