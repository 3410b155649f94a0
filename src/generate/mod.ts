/**
 * The other side of a format, written in another language: {@linkcode generate} makes
 * one file of source code, in Python, C#, Go, Java, Rust or C99, or a dissector for
 * Wireshark in Lua. `framewire generate` is the same on a command line.
 *
 * @module
 */
export {
  generate,
  type GeneratedFile,
  type GenerateOptions,
} from "./generate.ts";
export { type LanguageName, languageNames } from "./language_name.ts";
