import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { framed, lines } from "../../mod.ts";
import { childProcess } from "../../src/net/adapters/process.ts";
import { ownProgram } from "../support/own_program.ts";
import { projectFile } from "../support/programs.ts";

test("stdio() throws TypeError the second time, and lets the process exit once it is closed", async () => {
  const [file, ...args] = ownProgram;
  const leaver = framed(
    await childProcess(file, [
      ...args,
      projectFile("tests/net/stdio_leaver.ts"),
    ]),
    lines(),
  );
  assertEquals(
    await leaver.receive(),
    "TypeError: Cannot use standard input: it is in use already",
  );
  await leaver.send("one");
  assertEquals(await leaver.receive(), "got one");
  assertEquals((await leaver.receive())?.length, 1_000_000);
  // Its input is still open.
  assertEquals(await leaver.receive(), undefined);
  await leaver.close();
  assertEquals(await leaver.closed, { by: "remote" });
});
