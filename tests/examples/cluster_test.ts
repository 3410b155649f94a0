/** The cluster of the examples, whose processes are replaced under load. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { Child } from "../interop/child.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";

const skip = process.platform !== "linux" && "only Linux shares ports";

test(
  "examples/cluster/main.ts replaces all processes, loses no request and doubles none",
  {
    skip,
  },
  async () => {
    const program = projectFile("examples/cluster/main.ts");
    await using child = new Child([...thisRuntime, program, "2", "2"], 50_000);
    const { code, output } = await child.ended;
    assertEquals(code, 0, output);
    const [before = "", ...after] = output.match(/\d+, \d+/g) ?? [];
    const pids = [before, ...after.slice(0, 2)].flatMap((pair) =>
      pair.split(", ")
    );
    assertEquals(new Set(pids).size, 6, output);
    assertMatch(output, / 0 lost, 0 doubled; /);
    const [, sent, answered] = / (\d+) sent, (\d+) answered/.exec(output) ?? [];
    assertEquals(answered, sent);
    assert(Number(sent) >= 3_000, output);
  },
);
