import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { escapeControls } from "../../../src/cli/terminal/escape_controls.ts";

test("escapeControls() shows what a terminal would obey", () => {
  assertEquals(
    escapeControls("\x1b[31mred\x07\x7f\x9b0m"),
    "\\x1b[31mred\\x07\\x7f\\x9b0m",
  );
  assertEquals(escapeControls("\0a\tb\r\n"), "\\x00a\\tb\\r\\n");
});

test("escapeControls() shows what would turn or break a line", () => {
  assertEquals(
    escapeControls("a\u202eb\u2066c\u200fd\u061c\u2028\u2029\ufeff"),
    "a\\u202eb\\u2066c\\u200fd\\u061c\\u2028\\u2029\\ufeff",
  );
});

test("escapeControls() shows halves of surrogate pairs, and no whole ones", () => {
  assertEquals(escapeControls("\ud83da\udc00😀"), "\\ud83da\\udc00😀");
});

test("escapeControls() keeps text and the characters it is told to keep", () => {
  assertEquals(escapeControls("a\\n ä中👩‍👧\xa0"), "a\\n ä中👩‍👧\xa0");
  assertEquals(escapeControls("a\tb\nc\r", "\t\n"), "a\tb\nc\\r");
});
