import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { displayWidth } from "../../../src/cli/terminal/display_width.ts";

/** Texts and their columns, as wcwidth of Python has them. */
const cases: readonly (readonly [string, string, number])[] = [
  ["nothing", "", 0],
  ["ASCII", "hello, world", 12],
  ["an accent", "\xe9", 1],
  ["a mark of its own", "e\u0301", 1],
  ["a zero width space", "a\u200bb", 2],
  ["a soft hyphen", "\xad", 1],
  ["Chinese", "中文", 4],
  ["Chinese beyond the first plane", "\u{20000}\u{3fffd}", 4],
  ["Korean", "한", 2],
  ["Korean of letters", "\u1112\u1161\u11ab", 2],
  ["the filler of Korean", "\u115f", 2],
  ["Japanese", "ハ", 2],
  ["Japanese of half the width", "ﾊ", 1],
  ["a mark of Japanese", "か\u3099", 2],
  ["full width", "Ａ", 2],
  ["Thai", "ก\u0e47", 1],
  ["Devanagari", "\u0915\u094d\u0937", 2],
  ["boxes and arrows", "─█→①", 4],
  ["an emoji", "😀", 2],
  ["an emoji of the first plane", "⌚", 2],
  ["a skin", "👍🏽", 2],
  ["a family", "👩‍👩‍👧‍👦", 2],
  ["an astronaut and a letter", "🧑‍🚀x", 3],
  ["a heart as text", "❤", 1],
  ["a heart as an emoji", "❤\ufe0f", 2],
  ["a heart on fire", "❤\ufe0f‍🔥", 2],
  ["a flag", "🇩🇪", 2],
  ["two flags", "🇩🇪🇫🇷", 4],
  ["half a flag", "🇩", 2],
  ["the flag of a region", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e007f}", 2],
  ["a key", "1\ufe0f\u20e3", 2],
  ["a sign of Unicode 16", "\u2630", 2],
  ["all of it", "ZÄ中🎉", 6],
  ["a control character", "\x1b", 0],
];

for (const [what, text, width] of cases) {
  test(`displayWidth() is ${width} when the text is ${what}`, () => {
    assertEquals(displayWidth(text), width);
  });
}

test("displayWidth() adds up when a long text has marks and emoji", () => {
  assertEquals(displayWidth("e\u0301👍🏽中".repeat(1_000)), 5_000);
});
