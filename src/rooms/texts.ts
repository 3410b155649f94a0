import { isHarmless, withoutUnseen } from "./names.ts";

const encoder = new TextEncoder();

/** How many bytes a text has in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** What is wrong with a text that is to be said; `undefined` if nothing is. */
export function complaintOf(
  text: string,
  maxLength: number,
): string | undefined {
  if (withoutUnseen(text).trim() === "") return "There is no text";
  // A UTF-16 unit becomes one to three bytes of UTF-8: most texts need not be encoded.
  const { length } = text;
  const tooLong = length > maxLength ||
    3 * length > maxLength && byteLength(text) > maxLength;
  if (tooLong) return `The text has more than ${maxLength} bytes`;
  return isHarmless(text) ? undefined : "The text has control characters";
}
