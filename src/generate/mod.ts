/**
 * The other side of a format, written in another language.
 *
 * @module
 */
export {
  generate,
  type GeneratedFile,
  type GenerateOptions,
  type LanguageName,
  languages,
} from "./generate.ts";
