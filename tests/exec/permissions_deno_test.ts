// What Deno must allow for remote commands, and what is said where it does not.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { Child } from "../interop/child.ts";
import { projectFile } from "../support/programs.ts";
import { isRunning, until } from "./support.ts";

function oneRun(...permissions: string[]): Child {
  return program("one_run.ts", permissions);
}

function program(name: string, permissions: string[]): Child {
  return new Child([
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--no-check",
    ...permissions,
    projectFile(`tests/exec/${name}`),
  ]);
}

test("remote commands need --allow-net, --allow-run and --allow-env", async () => {
  await using child = oneRun("--allow-net", "--allow-run", "--allow-env");
  const { code, output } = await child.ended;
  assertEquals([code, output], [0, "hello\ncancelled\n"]);
});

test("cancel() ends what ignores it where only these are allowed", async () => {
  await using child = program("stubborn_run.ts", [
    "--allow-net",
    "--allow-run",
    "--allow-env",
  ]);
  const { code, output } = await child.ended;
  const [pid, ...rest] = output.trim().split("\n");
  assertEquals([code, rest], [0, ["cancelled"]], output);
  await until(() => !isRunning(Number(pid)));
});

test("serveCommands() refuses to serve what it could not end", async () => {
  await using child = oneRun(
    "--allow-net",
    "--allow-run=/bin/cat",
    "--allow-env",
  );
  const { code, output } = await child.ended;
  assert(code !== 0);
  assertStringIncludes(output, "this program may not end processes");
  assertStringIncludes(output, "--allow-run");
});

test("serveCommands() says on its side why a program cannot be started", async () => {
  await using child = oneRun("--allow-net", "--allow-run");
  const { output } = await child.ended;
  assertStringIncludes(
    output,
    "CommandError: The command could not be started",
  );
  assertStringIncludes(output, "run again with the --allow-env flag");
});
