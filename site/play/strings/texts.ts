import { en } from "./en.ts";
import { zh } from "./zh.ts";

/** The languages of the page. */
export type Language = "en" | "zh";

let texts: Readonly<Record<keyof typeof en, string>> = en;

/** The name of a text. */
export type TextName = keyof typeof en;

/** Chooses the language of all texts. */
export function speak(language: Language): void {
  texts = language === "zh" ? zh : en;
}

/** A text, with what is put into it. */
export function text(
  name: TextName,
  ...parts: readonly (string | number)[]
): string {
  return texts[name].replace(/\{(\d)\}/g, (_, i) => `${parts[Number(i)]}`);
}
