// Whether what is started is what was registered and recorded.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { symlink, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { argumentList, CommandError } from "../../src/exec/mod.ts";
import { pair, text } from "./support.ts";

const { execPath } = process;
const onDeno = "Deno" in globalThis;

test("run() starts what was recorded, or nothing, when an argument is the path of the runtime", async () => {
  const errors: unknown[] = [];
  const args = argumentList({ max: 3 });
  await using at = await pair({
    echo: { file: "/bin/echo", args },
    env: { file: "/usr/bin/env", args: () => [execPath, "--version"] },
    self: { file: execPath, args: () => ["--version"] },
  }, { onError: (error) => void errors.push(error) });
  if (!onDeno) {
    const { stdout } = await at.client.run("echo", [execPath, "run", "x"])
      .collect();
    assertEquals(text(stdout), `${execPath} run x\n`);
    return;
  }
  for (const name of ["echo", "env", "self"]) {
    const run = at.client.run(name, name === "echo" ? [execPath, "run"] : []);
    const error = await assertRejects(() => run.exit, CommandError);
    assertEquals(error.code, "START_FAILED");
    // Where it is, is none of the client's business.
    assert(!error.message.includes(execPath));
  }
  assertEquals(
    at.audit.map(({ event }) => event),
    ["echo", "env", "self"].flatMap(() => ["started", "refused"]),
  );
  assertEquals(errors.length, 3);
  for (const error of errors) {
    assert(String(error).includes("Deno would rewrite"), String(error));
  }
});

test("run() starts the runtime with the arguments as they are when its path is another", async () => {
  const link = join(tmpdir(), `framewire-runtime-${process.pid}`);
  await symlink(execPath, link);
  try {
    await using at = await pair({
      echo: { file: "/bin/echo", args: () => [link, "run", "x"] },
      self: { file: link, args: () => ["--version"] },
    });
    const { stdout } = await at.client.run("echo").collect();
    assertEquals(text(stdout), `${link} run x\n`);
    assertEquals((await at.client.run("self").exit).code, 0);
  } finally {
    await unlink(link);
  }
});

test("run() adds nothing to the environment", async () => {
  await using at = await pair({
    env: { file: "/usr/bin/env", env: { set: { ONE: "1" } } },
  });
  const { stdout } = await at.client.run("env").collect();
  assertEquals(text(stdout), "ONE=1\n");
});
