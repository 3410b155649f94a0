/** Generated code compared with files that people have read. */

import { assertEquals } from "@std/assert";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import process from "node:process";
import { parseFormat } from "../../src/format/mod.ts";
import { generate, type LanguageName } from "../../src/generate/mod.ts";
import { projectFile } from "../support/programs.ts";

/** What the code in the files is called, and what it is generated from. */
const golden: Readonly<Record<string, string>> = {
  ShortFrames: "length(2)",
  ModbusFrames: "length(4, little, includes=frame) | checksum(crc16Modbus)",
  LineFrames: "lines",
  MarkedFrames: 'marked("<", ">", onInvalid=skip)',
  CobsFrames: "cobs(onInvalid=skip) | max 1KiB",
  JsonFrames: "content-length | json",
  SlipFrames: "slip",
  TextFrames: "varint | max 64KiB | text(fatal)",
};

/**
 * Registers the tests of a language: its code is what stands in the folder
 * `tests/generate/golden/` of the language. With `FRAMEWIRE_GOLDEN=write` in the
 * environment, the files are written instead; read what has changed in them.
 */
export function goldenTests(language: LanguageName): void {
  const folder = projectFile(`tests/generate/golden/${language}`);
  for (const [name, expression] of Object.entries(golden)) {
    test(`generate() writes the ${language} code of ${expression} that was read`, () => {
      const file = generate(language, parseFormat(expression), { name });
      const path = `${folder}/${file.name}`;
      if (process.env.FRAMEWIRE_GOLDEN === "write") {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path, file.text);
      }
      assertEquals(file.text, readFileSync(path, "utf8"));
    });
  }
}
