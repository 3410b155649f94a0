/** A letter or a digit, then up to 31 of them, or of `_`, `-` and `.`. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,31}$/u;

/**
 * What a text must not have: control characters, which move the cursor of a
 * terminal and worse, what turns the direction of writing round, and halves of
 * characters.
 */
const TRICKS =
  /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/** What is not seen, or seen as a blank: letters and marks are among it. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** Brings a name into the form in which it is shown; `undefined` if it is none. */
export function readName(given: string): string | undefined {
  // Long ones are not even looked at: normalizing can be slow.
  if (given.length > 128) return undefined;
  const name = given.normalize("NFC");
  // With one of those, it would look like the name of somebody else.
  return NAME.test(name) && withoutUnseen(name) === name ? name : undefined;
}

/** What two names have in common that are the same to the eye, or nearly so. */
export function nameKey(name: string): string {
  // Some capitals have two small letters, of which both make the same capital,
  // and what changes its case can come apart.
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** Leaves out what is not seen, such as joiners and fillers. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, "");
}

/** Tells whether a text can be shown to others as it is. */
export function isHarmless(text: string): boolean {
  return !TRICKS.test(text);
}
