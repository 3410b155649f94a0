/** The names of the languages of {@linkcode generate}. */
export const languageNames: readonly [
  "python",
  "csharp",
  "go",
  "java",
  "rust",
  "c",
  "wireshark",
] = ["python", "csharp", "go", "java", "rust", "c", "wireshark"];

/** A language of {@linkcode generate}. */
export type LanguageName = typeof languageNames[number];
