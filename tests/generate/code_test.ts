import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { code } from "../../src/generate/code.ts";

test("code() removes the indentation that all lines have", () => {
  assertEquals(
    code`
      if x:
          y()

      z()
    `,
    "if x:\n    y()\n\nz()",
  );
});

test("code() indents the lines of a value as its placeholder", () => {
  const body = "one()\n\nif a:\n    two()";
  assertEquals(
    code`
      def f():
          ${body}
      # ${1} and ${"two"}
    `,
    "def f():\n    one()\n\n    if a:\n        two()\n# 1 and two",
  );
});

test("code() leaves out lines whose only values are empty", () => {
  assertEquals(
    code`
      a
      ${false}
      ${""}
      b ${""}
      c
    `,
    "a\nb\nc",
  );
});

test("code() leaves one empty line where a line between two is left out", () => {
  assertEquals(
    code`
      a

      ${false}

      b
    `,
    "a\n\nb",
  );
});

test("code() takes escapes as they stand", () => {
  assertEquals(code`'\r\n' ${"\\"}`, "'\\r\\n' \\");
});

test("code() takes a placeholder at the beginning of a line for its indentation", () => {
  assertEquals(
    code`
      ${"a"}
        b
    `,
    "a\n  b",
  );
});
