import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { parseFormat } from "../../src/format/mod.ts";
import { generate } from "../../src/generate/mod.ts";
import { runCommand } from "../support/command.ts";

test("generate prints the code, and tells the name of the file", async () => {
  const { text } = generate("wireshark", parseFormat("length(2) | max 64KiB"), {
    name: "SensorFrames",
  });
  assertEquals(
    await runCommand([
      "generate",
      "wireshark",
      "length(2)",
      "--max=64KiB",
      "--name=SensorFrames",
    ]),
    {
      code: 0,
      stdout: text,
      stderr: "The file is to be named sensor_frames.lua\n",
    },
  );
});

for (
  const [args, said] of [
    [["cobol", "length(2)"], "expected"],
    [["go", "length(2)", "--name=frames"], "expected a name in PascalCase"],
    [["go", "hdlc"], "expected length, fixed, varint"],
    [["go", "lenght(2)"], "There is no such format"],
  ] as const
) {
  test(`generate refuses ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await runCommand(["generate", ...args]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, said);
  });
}
