/**
 * What a terminal would obey, or not show: control characters of ASCII and of Latin-1,
 * marks that turn the direction of text, separators of lines, the byte order mark, and
 * halves of surrogate pairs.
 */
const controls =
  // deno-lint-ignore no-control-regex -- They are what is looked for.
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Surrogate}]/gu;

/** Those that everybody knows by their letters. */
const letters: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/**
 * A text that is safe to write to a terminal: control characters as `\n` or `\x1b`,
 * others that are not visible as `\u202e`. What a peer has sent can neither move the
 * cursor nor pretend to be other text. A backslash stays one: the result is to be read
 * by people, not by programs.
 *
 * @param text What came from outside.
 * @param keep The characters that stay as they are, such as `"\n\t"`.
 */
export function escapeControls(text: string, keep = ""): string {
  return text.replace(
    controls,
    (character) => keep.includes(character) ? character : escaped(character),
  );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return letters[character] ??
    (code < 0x100 ? hexEscape(code) : `\\u${hex(code, 4)}`);
}

/** A byte, or a character of its number, as `\x1b`. */
export function hexEscape(byte: number): string {
  return `\\x${hex(byte, 2)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
