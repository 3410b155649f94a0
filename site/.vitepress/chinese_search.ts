/** Lets the search find words within Chinese sentences, which have no spaces. */

/** How many characters of a word are looked up at most. */
const LONGEST_WORD = 6;

/**
 * The text of a page for the index. The search finds words by their beginnings: so
 * every character of a Chinese run begins a word.
 */
export function searchableChinese(html: string): string {
  return html.replace(
    />[^<]*\p{Script=Han}[^<]*</gu,
    (text) =>
      text.replace(/\p{Script=Han}+/gu, (run) => {
        const words = [...run].map((_, index, characters) =>
          characters.slice(index, index + LONGEST_WORD).join("")
        );
        return words.join(" ");
      }),
  );
}
