import { assertThrows } from "@std/assert";
import { test } from "node:test";
import { parseFormat } from "../../src/format/mod.ts";
import { generate } from "../../src/generate/mod.ts";
import { goldenTests } from "./golden.ts";

goldenTests("csharp");

test("generate() refuses a name that C# code uses itself", () => {
  const codec = parseFormat("length(2)");
  for (const name of ["Stream", "FrameDecoder", "System", "Task"]) {
    assertThrows(
      () => generate("csharp", codec, { name }),
      TypeError,
      `Cannot call C# code ${name}`,
    );
  }
});
