import { assertThrows } from "@std/assert";
import { test } from "node:test";
import { parseFormat } from "../../src/format/mod.ts";
import { generate } from "../../src/generate/mod.ts";
import { goldenTests } from "./golden.ts";

goldenTests("java");

test("generate() refuses a name that Java code uses itself", () => {
  const codec = parseFormat("lines");
  for (const name of ["String", "FrameException", "Decoder", "Utf8"]) {
    assertThrows(
      () => generate("java", codec, { name }),
      TypeError,
      `Cannot call Java code ${name}`,
    );
  }
});
