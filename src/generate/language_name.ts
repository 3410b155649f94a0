/**
 * The names of the languages of `generate`.
 *
 * @example
 * ```ts
 * import { languageNames } from "@framewire/framewire/generate";
 * import { assert } from "@std/assert";
 *
 * assert(languageNames.includes("go"));
 * ```
 */
export const languageNames: readonly [
  "python",
  "csharp",
  "go",
  "java",
  "rust",
  "c",
  "wireshark",
] = ["python", "csharp", "go", "java", "rust", "c", "wireshark"];

/** A language of `generate`. */
export type LanguageName = typeof languageNames[number];
