// Bytes as they are typed into the page.

import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { test } from "node:test";
import {
  parseHex,
  parseText,
  printHex,
  printText,
} from "../../../site/play/logic/hex.ts";

for (
  const text of [
    "00 05 68 65",
    "00056865",
    "0x00, 0x05, 0x68, 0x65",
    "{0x0,0x5,0x68,0x65}",
    "\\x00\\x05\\x68\\x65",
    "00:05:68:65",
    "00-05-68-65",
    "00000000  00 05 68 65                                       |..he|",
    "00000000: 0005 6865                                ..he",
    "0000   00 05 68 65   ..he",
    '"00056865"',
  ]
) {
  test(`parseHex() reads ${JSON.stringify(text)}`, () => {
    assertEquals([...parseHex(text)], [0, 5, 0x68, 0x65]);
  });
}

test("parseHex() reads a dump of several rows", () => {
  const dump =
    `00000000  48 45 4c 4f 20 65 78 61  6d 70 6c 65 2e 6f 72 67  |HELO example.org|
00000010  0d 0a                                             |..|
00000012`;
  assertEquals(
    new TextDecoder().decode(parseHex(dump)),
    "HELO example.org\r\n",
  );
});

for (const text of ["0g", "hello", "123", "00 5x"]) {
  test(`parseHex() refuses ${text}`, () => {
    assertThrows(() => parseHex(text), TypeError);
  });
}

test("parseHex() and parseText() read what was printed", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    assertEquals(parseHex(printHex(bytes)), Uint8Array.from(bytes));
    assertEquals(parseText(printText(bytes)), Uint8Array.from(bytes));
  }));
});

test("parseText() reads escapes, and text as UTF-8", () => {
  assertEquals(
    [...parseText("a\\n\\r\\t\\0\\\\\\xfF\\u00e9é\\q\\")],
    [
      0x61,
      10,
      13,
      9,
      0,
      0x5c,
      0xff,
      0xc3,
      0xa9,
      0xc3,
      0xa9,
      0x5c,
      0x71,
      0x5c,
    ],
  );
});
