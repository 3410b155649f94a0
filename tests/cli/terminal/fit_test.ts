import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { displayWidth } from "../../../src/cli/terminal/display_width.ts";
import { cutTo, fit } from "../../../src/cli/terminal/fit.ts";

test("fit() pads when the text is shorter", () => {
  assertEquals(fit("ab", 4), "ab  ");
  assertEquals(fit("中", 4), "中  ");
  assertEquals(fit("", 2), "  ");
});

test("fit() leaves the text alone when it has just so many columns", () => {
  assertEquals(fit("abcd", 4), "abcd");
  assertEquals(fit("中文", 4), "中文");
});

test("fit() cuts between characters when the text is longer", () => {
  assertEquals(fit("abcde", 4), "abc…");
  assertEquals(fit("中文字", 4), "中… ");
  assertEquals(fit("中文字", 5), "中文…");
  assertEquals(fit("a👩‍👩‍👧‍👦b👩‍👩‍👧‍👦", 4), "a👩‍👩‍👧‍👦…");
  assertEquals(fit("abc", 1), "…");
  assertEquals(fit("abc", 0), "");
});

test("cutTo() does not pad", () => {
  assertEquals(cutTo("ab", 4), "ab");
  assertEquals(cutTo("abcde", 4), "abc…");
  assertEquals(cutTo("中文字", 4), "中…");
});

test("cutTo() cuts marks that have no end", () => {
  const text = `a${"\u0301".repeat(100_000)}`;
  assertEquals(cutTo(text, 4).length < 100, true);
  assertEquals(cutTo("😀".repeat(100_000), 5), "😀😀…");
});

test("fit() gives text of just so many columns", () => {
  fc.assert(fc.property(
    fc.string({ unit: "grapheme" }),
    fc.nat(20),
    (text, width) => {
      const fitted = fit(text, width);
      assertEquals(displayWidth(fitted), width);
      assertEquals(fitted.isWellFormed(), true);
    },
  ));
});
