// The cases of one format, against a reader in Python that knows nothing of this
// module: the example of how other languages use them.

import { assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const python = ["python3", "python"].find((program) =>
  spawnSync(program, [
    "-c",
    "import sys; sys.exit(sys.version_info < (3, 8))",
  ]).status === 0
) ?? "";
const options = { skip: python === "" && "no Python 3 on this machine" };

test("a reader in Python passes the cases of lengthPrefixed", options, () => {
  const { status, stdout, stderr } = spawnSync(python, [
    path("../../examples/vectors/length_prefixed.py"),
    path("../vectors/length_prefixed.json"),
  ], { encoding: "utf8" });
  assertEquals(stderr, "");
  assertMatch(
    stdout,
    /^[1-9]\d* passed, 0 failed, [1-9]\d* not applicable\r?\n$/,
  );
  assertEquals(status, 0);
});

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
