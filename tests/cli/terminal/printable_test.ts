import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  printable,
  sequenceLength,
} from "../../../src/cli/terminal/printable.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("printable() gives text when the bytes are UTF-8", () => {
  const text = 'a "\\" ä 中 👩‍👧';
  assertEquals(printable(new TextEncoder().encode(text)), text);
  assertEquals(printable(bytes()), "");
});

test("printable() shows the bytes that are no UTF-8", () => {
  assertEquals(printable(bytes(0x61, 0xff, 0x62)), "a\\xffb");
  // Cut off, too long, a surrogate, behind the last code point, and without a start.
  assertEquals(printable(bytes(0xe4, 0xb8)), "\\xe4\\xb8");
  assertEquals(printable(bytes(0xc0, 0xaf)), "\\xc0\\xaf");
  assertEquals(printable(bytes(0xe0, 0x9f, 0xbf)), "\\xe0\\x9f\\xbf");
  assertEquals(printable(bytes(0xed, 0xa0, 0x80)), "\\xed\\xa0\\x80");
  assertEquals(
    printable(bytes(0xf0, 0x8f, 0xbf, 0xbf)),
    "\\xf0\\x8f\\xbf\\xbf",
  );
  assertEquals(
    printable(bytes(0xf4, 0x90, 0x80, 0x80)),
    "\\xf4\\x90\\x80\\x80",
  );
  assertEquals(printable(bytes(0x80, 0x41)), "\\x80A");
});

test("printable() shows control characters", () => {
  assertEquals(
    printable(bytes(0x1b, 0x5b, 0x0a, 0x7f, 0xc2, 0x9b, 0xef, 0xbb, 0xbf)),
    "\\x1b[\\n\\x7f\\x9b\\ufeff",
  );
});

test("sequenceLength() knows each code point, as TextEncoder writes it", () => {
  const encoder = new TextEncoder();
  fc.assert(fc.property(fc.nat(0x10ffff), (code) => {
    const encoded = encoder.encode(String.fromCodePoint(code));
    assertEquals(sequenceLength(encoded, 0), encoded.length);
  }));
});

test("printable() never gives a control character, and loses no byte", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = printable(bytes);
    // deno-lint-ignore no-control-regex -- That there is none is tested.
    assertEquals(/[\x00-\x1f\x7f-\x9f]/.test(text), false);
    assertEquals(text.includes("\ufffd"), false);
  }));
});
