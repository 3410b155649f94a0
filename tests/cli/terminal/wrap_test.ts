import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { wrap } from "../../../src/cli/terminal/wrap.ts";

test("wrap() breaks a text between words", () => {
  assertEquals(wrap("a bc def g", 6), ["a bc", "def g"]);
  assertEquals(wrap("a bc def g", 100), ["a bc def g"]);
  assertEquals(wrap("你好 世界", 8), ["你好", "世界"]);
  assertEquals(wrap("", 8), [""]);
});

test("wrap() gives a word that is too long a line of its own", () => {
  assertEquals(wrap("a bcdefgh i", 4), ["a", "bcdefgh", "i"]);
  assertEquals(wrap("abc d", 0), ["abc", "d"]);
});
