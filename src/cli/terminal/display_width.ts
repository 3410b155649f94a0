import { wideRanges } from "./wide_ranges.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * What a reader takes for one character, in the order of the text: a letter with its
 * marks, an emoji of several code points, a flag. They are found one by one, so that a
 * loop can stop early.
 */
export function* graphemesOf(text: string): Generator<string, void, void> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

/**
 * How many columns of a terminal a text takes. Control characters take none here:
 * `escapeControls` makes them visible before.
 */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemesOf(text)) width += graphemeWidth(grapheme);
  return width;
}

/** Whether each code unit is a character of one column. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Code points that stand on a column of the one before them, or on none. */
const isZero =
  /^[\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

/** Several code points that terminals draw as one emoji of two columns. */
const isEmojiSequence =
  /^\p{Regional_Indicator}{2}|^\p{Emoji}\ufe0f|^\p{Extended_Pictographic}.*\u200d|^\p{Emoji_Modifier_Base}\p{Emoji_Modifier}/su;

/** The columns of one character of {@linkcode graphemesOf}. */
export function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1) return codePointWidth(grapheme);
  if (isEmojiSequence.test(grapheme)) return 2;
  let width = 0;
  for (const codePoint of grapheme) width += codePointWidth(codePoint);
  return width;
}

/** It is to be seen only where a line is broken, but terminals draw it always. */
const SOFT_HYPHEN = "\xad";
/** The last consonant of Korean: a filler that takes its two columns. */
const HANGUL_FILLER = "\u115f";

function codePointWidth(character: string): number {
  if (character === SOFT_HYPHEN) return 1;
  if (isZero.test(character) && character !== HANGUL_FILLER) return 0;
  return isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
}

function isWide(code: number): boolean {
  let low = 0;
  let high = wideRanges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const [first, last] = wideRanges[middle]!;
    if (code < first) high = middle;
    else if (code > last) low = middle + 1;
    else return true;
  }
  return false;
}
