/** A letter or a digit, then up to 31 of them, or of `_`, `-` and `.`. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,31}$/u;

/**
 * The characters that a text must not have: control characters, which move the
 * cursor of a terminal and worse, marks that change the direction of writing, and
 * lone surrogates.
 */
const TRICKS =
  /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/** Invisible characters. Some letters and marks are among them. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** Brings a name into the form in which it is shown; `undefined` if it is none. */
export function readName(given: string): string | undefined {
  // Normalizing a long text can be slow.
  if (given.length > 128) return undefined;
  const name = given.normalize("NFC");
  // A name with an invisible character would look like another name.
  return NAME.test(name) && withoutUnseen(name) === name ? name : undefined;
}

/** A key that is the same for names that look the same, or nearly so. */
export function nameKey(name: string): string {
  // Two small letters can have the same capital, so both conversions are needed.
  // Changing the case can undo the normalization, so that is done twice.
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** Removes invisible characters, such as joiners and fillers. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, "");
}

/** Tells whether a text can be shown to others as it is. */
export function isHarmless(text: string): boolean {
  return !TRICKS.test(text);
}

/**
 * Looks up by a name that a client gave. A text that is no valid name, which may
 * be long and slow to normalize, finds nothing.
 */
export function findByName<T>(
  all: ReadonlyMap<string, T>,
  given: string,
): T | undefined {
  const name = readName(given);
  return name === undefined ? undefined : all.get(nameKey(name));
}
