import { checkChoice, checkKind } from "../checks.ts";
import type { Codec } from "../codec/types.ts";
import type { Language } from "./language.ts";
import { type LanguageName, languageNames } from "./language_name.ts";
import { c } from "./languages/c.ts";
import { csharp } from "./languages/csharp.ts";
import { go } from "./languages/go.ts";
import { java } from "./languages/java.ts";
import { python } from "./languages/python.ts";
import { rust } from "./languages/rust.ts";
import { wireshark } from "./languages/wireshark.ts";
import { planOf } from "./plan_of.ts";

const byName: Readonly<Record<LanguageName, Language>> = {
  python,
  csharp,
  go,
  java,
  rust,
  c,
  wireshark,
};

/** Options of {@linkcode generate}. */
export interface GenerateOptions {
  /**
   * What the code is called, in PascalCase ASCII. Each language writes it in its own
   * way: `SensorFrames` is `sensor_frames.py` in Python, the package `sensorframes` in
   * Go, and what the names of all functions begin with in C.
   *
   * @default {"Frames"}
   */
  name?: string;
}

/** A file of source code. */
export interface GeneratedFile {
  /** The name that the file must have, or should have. */
  readonly name: string;
  /** What stands in it. */
  readonly text: string;
}

/**
 * Writes the other side of a format in another language: a decoder, an encoder, and
 * what reads frames from a stream, without dependencies. Limits, errors and results
 * are those of the codec.
 *
 * Code can be generated for `lengthPrefixed`, `fixedLength`, `varintPrefixed`,
 * `netstring`, `contentLength`, `delimited`, `lines`, `marked`, `cobs`, `slip` and
 * `stuffed`, for presets that are made of these, and for `checksum`, `text` in UTF-8
 * and `json` over them.
 *
 * @example The side of a client in Python
 * ```ts
 * import { json, lengthPrefixed } from "@framewire/framewire/codec";
 * import { generate } from "@framewire/framewire/generate";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const codec = json(lengthPrefixed({ lengthBytes: 2 }));
 * const { name, text } = generate("python", codec, { name: "SensorFrames" });
 * assertEquals(name, "sensor_frames.py");
 * assert(text.includes("class Decoder:"));
 * ```
 *
 * @param language The language.
 * @param codec The codec; `parseFormat` makes one from text.
 * @param options The name.
 * @returns The file.
 * @throws {TypeError} If no code can be generated for the codec in this language, if
 * there is no such language, or the name cannot be one.
 */
export function generate(
  language: LanguageName,
  codec: Pick<Codec<never, unknown>, "name" | "description">,
  options: GenerateOptions = {},
): GeneratedFile {
  checkChoice("language", language, languageNames);
  checkKind("codec", codec, "object");
  const { name = "Frames" } = options;
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(name)) {
    throw new TypeError(
      `Cannot use name: expected a name in PascalCase, got ${name}`,
    );
  }
  const { fileName, write } = byName[language];
  return { name: fileName(name), text: `${write(planOf(codec, name))}\n` };
}
