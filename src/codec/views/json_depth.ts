import { MAX_JSON_DEPTH } from "../../defaults.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The bracket and the brace that begin a list or an object are one bit apart. */
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Whether JSON has more than `MAX_JSON_DEPTH` lists and objects within each other.
 * What reads them may recurse once a level; this function does not.
 */
export function isTooDeep(text: string): boolean {
  // Every level has two brackets. In most long texts, there are few.
  if (text.length <= 2 * MAX_JSON_DEPTH) return false;
  const lists = countUpTo(MAX_JSON_DEPTH + 1, text, "[");
  const objects = countUpTo(MAX_JSON_DEPTH + 1 - lists, text, "{");
  return lists + objects > MAX_JSON_DEPTH && hasDepth(text);
}

/** How often a character is in a text, or `most` if it is there more often. */
function countUpTo(most: number, text: string, character: string): number {
  let count = 0;
  for (let at = -1; count < most; count++) {
    at = text.indexOf(character, at + 1);
    if (at < 0) break;
  }
  return count;
}

function hasDepth(text: string): boolean {
  let depth = 0;
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if ((code | CASE_BIT) === OPENING) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if ((code | CASE_BIT) === CLOSING) {
      depth--;
    }
  }
  return false;
}

/** The index of the quote that ends a string, or the end of a text without one. */
function endOfString(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
  } while (isEscaped(text, end));
  return end;
}

function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (index - first) % 2 === 1;
}
