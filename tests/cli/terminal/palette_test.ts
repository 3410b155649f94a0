import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { paint } from "../../../src/cli/terminal/palette.ts";

test("paint() puts text in the colour of its role", () => {
  const { length, error, dim } = paint(true);
  assertEquals(length("4"), "\x1b[36m4\x1b[39m");
  assertEquals(error("bad"), "\x1b[31mbad\x1b[39m");
  assertEquals(
    dim(`at ${length("4")}.`),
    "\x1b[2mat \x1b[36m4\x1b[39m.\x1b[22m",
  );
  assertEquals(length(""), "");
});

test("paint() leaves text alone when there are no colours", () => {
  for (const color of Object.values(paint(false))) {
    assertEquals(color("text"), "text");
  }
});
