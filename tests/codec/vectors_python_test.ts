// All cases that are length-prefixed by their expressions, against a reader in Python
// that knows nothing of this module: the example of how other languages use them.

import { assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { vectorFiles } from "../support/vectors.ts";

const python = ["python3", "python"].find((program) =>
  spawnSync(program, [
    "-c",
    "import sys; sys.exit(sys.version_info < (3, 8))",
  ]).status === 0
) ?? "";
const options = { skip: python === "" && "no Python 3 on this machine" };

test("a reader in Python passes the cases of length(...)", options, () => {
  const { status, stdout, stderr } = spawnSync(python, [
    path("../../examples/vectors/length_prefixed.py"),
    ...vectorFiles().map(({ file }) => path(`../vectors/${file}`)),
  ], { encoding: "utf8" });
  assertEquals(stderr, "");
  assertMatch(
    stdout,
    /^\d{3,} passed, 0 failed, \d+ not of a whole input, \d+ of another format\r?\n$/,
  );
  assertEquals(status, 0);
});

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
