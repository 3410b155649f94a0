/**
 * What the page loads from the file beside it, `generate.js`, when a whole file in
 * another language is asked for.
 */

import { parseFormat } from "../../src/format/mod.ts";
import {
  generate,
  type GeneratedFile,
  type LanguageName,
} from "../../src/generate/mod.ts";

Object.assign(globalThis, {
  framewireGenerate: (
    language: LanguageName,
    expression: string,
  ): GeneratedFile => generate(language, parseFormat(expression)),
});
