/**
 * The other side of a format, written in another language.
 *
 * @module
 */
export {
  generate,
  type GeneratedFile,
  type GenerateOptions,
} from "./generate.ts";
export { type LanguageName, languageNames } from "./language_name.ts";
