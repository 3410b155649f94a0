import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { fieldNotes, shownValue } from "../../../src/cli/hex/field_notes.ts";
import { hexLayout } from "../../../src/cli/hex/hex_layout.ts";
import { hexRows } from "../../../src/cli/hex/hex_rows.ts";
import { showBytes } from "../../../src/cli/hex/show_bytes.ts";
import { displayWidth } from "../../../src/cli/terminal/display_width.ts";
import { paint } from "../../../src/cli/terminal/palette.ts";
import { fieldsOf } from "../../../src/format/fields_of.ts";
import { parseFormat } from "../../../src/format/parse_format.ts";

const plain = paint(false);

test("hexLayout() has rows as wide as the terminal allows", () => {
  assertEquals(
    [20, 60, 74, 75, 120, 184, 185].map((columns) => {
      const { perRow, besideWidth } = hexLayout(columns);
      return [columns, perRow, besideWidth];
    }),
    [
      [20, 8, 0],
      [60, 8, 0],
      [74, 8, 0],
      [75, 8, 0],
      [120, 16, 42],
      [184, 32, 40],
      [185, 32, 41],
    ],
  );
});

test("hexRows() has rows of one width, with or without colours", () => {
  const codec = parseFormat("length(1)");
  const input = fc.uint8Array({ minLength: 1, maxLength: 70 });
  const perRow = fc.constantFrom(8, 16, 32);
  fc.assert(fc.property(input, perRow, fc.nat(300), (body, perRow, mark) => {
    const bytes = codec.encode(body);
    const [{ fields } = { fields: [] }] = fieldsOf(codec, bytes);
    const shown = { bytes, offset: 0, fields, marks: [mark] };
    const rows = [...hexRows(shown, perRow, plain)];
    const { rowWidth } = hexLayout(
      perRow === 8 ? 50 : perRow === 16 ? 80 : 200,
    );
    assertEquals(rows.map((row) => row.length), rows.map(() => rowWidth));
    // deno-lint-ignore no-control-regex -- The codes of colours are taken away.
    const codes = /\x1b\[\d+m/g;
    assertEquals(
      [...hexRows(shown, perRow, paint(true))].map((row) =>
        row.replace(codes, "")
      ),
      rows,
    );
    const hex = rows.map((row) => row.slice(9, -perRow)).join("");
    assertEquals(hex.replace(/[ |]/g, "").length, bytes.length * 2);
    assertEquals(hex.includes("|"), mark < bytes.length);
  }));
});

test("hexRows() marks where reads began, also behind a gap", () => {
  const shown = {
    bytes: Uint8Array.from({ length: 18 }, (_, i) => i),
    offset: 0x1_0000_0000,
    fields: [],
    marks: [0, 3, 8, 16].map((mark) => 0x1_0000_0000 + mark),
  };
  assertEquals([...hexRows(shown, 16, plain)].map((row) => row.trimEnd()), [
    "100000000 |00 01 02|03 04 05 06 07 |08 09 0a 0b 0c 0d 0e 0f  ................",
    "100000010 |10 11                                             ..",
  ]);
});

test("fieldNotes() says what a field is: a number, text, bytes or how many", () => {
  const bytes = new TextEncoder().encode('4\r\n"\x01中😀');
  const note = (offset: number, length: number, value?: unknown) =>
    fieldNotes([{ name: "body", offset, length, value }], bytes, 0)[0]?.text;
  assertEquals(note(0, 1, 4), "4");
  assertEquals(note(0, 4), '"4\\r\\n\\""');
  assertEquals(note(4, 1), "01");
  assertEquals(note(4, 8), "01 e4 b8 ad f0 9f 98 80");
  assertEquals(note(3, 9), "9 bytes");
  assertEquals(note(5, 7), '"中😀"');
  assertEquals(note(5, 2), "e4 b8");
  assertEquals(note(0, 1, "a\u202e"), '"a\\u202e"');
  assertEquals(note(0, 1, null), "null");
});

test("fieldNotes() decodes no more of a long text than can be seen", () => {
  const bytes = new TextEncoder().encode("中".repeat(10_000));
  const [note] = fieldNotes(
    [{ name: "body", offset: 5, length: bytes.length }],
    bytes,
    5,
  );
  assertEquals(note?.text, `"${"中".repeat(342)}"`);
});

test("shownValue() shows values that JSON does not have", () => {
  assertEquals(
    shownValue({
      text: new TextEncoder().encode("hi"),
      bytes: Uint8Array.of(0, 1),
      large: 2n ** 64n,
      map: new Map([["a", 1]]),
    }),
    '{"text":"hi","bytes":"00 01","large":"18446744073709551616","map":{"a":1}}',
  );
});

test("showBytes() never has a line that is wider than the terminal", () => {
  const codec = parseFormat("content-length | text");
  const text = fc.string({ unit: "grapheme", maxLength: 100 });
  fc.assert(
    fc.property(text, fc.integer({ min: 50, max: 250 }), (text, columns) => {
      const bytes = codec.encode(text);
      const [{ fields } = { fields: [] }] = fieldsOf(codec, bytes);
      const lines = showBytes(
        { bytes, offset: 0, fields, marks: [] },
        fieldNotes(fields, bytes, 0),
        hexLayout(columns),
        plain,
      );
      for (const line of lines) {
        assertEquals(displayWidth(line) <= columns, true, line);
      }
    }),
  );
});
