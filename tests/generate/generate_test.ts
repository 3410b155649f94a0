import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { lengthPrefixed } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import {
  generate,
  type LanguageName,
  languageNames,
} from "../../src/generate/mod.ts";
import { vectorFiles } from "../support/vectors.ts";

test("generate() names the file as the language does", () => {
  const names = languageNames.map((language) =>
    generate(language, lengthPrefixed(), { name: "SensorFrames" }).name
  );
  assertEquals(names, [
    "sensor_frames.py",
    "SensorFrames.cs",
    "sensorframes.go",
    "SensorFrames.java",
    "sensor_frames.rs",
    "sensor_frames.h",
    "sensor_frames.lua",
  ]);
});

test("generate() refuses what is no language, and what is no name", () => {
  assertThrows(
    () => generate("cobol" as LanguageName, lengthPrefixed()),
    TypeError,
    "expected one of python, csharp",
  );
  for (
    const name of ["", "frames", "Frame s", "Frames;", "Ä", "A".repeat(65)]
  ) {
    assertThrows(
      () => generate("go", lengthPrefixed(), { name }),
      TypeError,
      "PascalCase",
    );
  }
});

for (const language of languageNames) {
  test(`generate() leaves no hole in ${language} code of any format of the corpus`, () => {
    const expressions = new Set(
      vectorFiles().flatMap(({ vectors }) =>
        vectors.flatMap(({ expression }) => expression ?? [])
      ),
    );
    let written = 0;
    for (const expression of expressions) {
      const codec = parseFormat(expression);
      let text: string;
      try {
        text = generate(language, codec).text;
      } catch (error) {
        // Not all formats are for it.
        assert(error instanceof TypeError, expression);
        continue;
      }
      written++;
      const hole = /\bNaN\b|\[object |\$\{|[ \t]$|\n{4}/m.exec(text);
      assertEquals(hole?.[0], undefined, `${expression}:\n${text}`);
      assert(text.endsWith("\n") && !text.endsWith("\n\n"), expression);
      assert(text.includes(expression), expression);
    }
    assert(written > 300, `${written}`);
  });
}
