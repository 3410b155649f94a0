import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import { bytes } from "./part.ts";

/** How delimiters are searched: a byte, the ends of lines, several bytes, or several. */
export type Search = "byte" | "lines" | "one" | "several";

/** How the delimiters of a format are searched. */
export function searchOf(
  { delimiters, keepDelimiter }: DelimitedFraming,
): Search {
  const texts = delimiters.map((one) => String.fromCharCode(...one));
  const isLines = texts.length === 2 && texts[0] === "\n" &&
    texts[1] === "\r\n";
  if (isLines && !keepDelimiter) return "lines";
  if (texts.length > 1) return "several";
  return texts[0]!.length === 1 && !keepDelimiter ? "byte" : "one";
}

/** The constant of several delimiters, besides that which is written. */
export function allDelimiters(delimiters: readonly Uint8Array[]): string {
  return code`
    // The longest first.
    private static final byte[][] ALL_DELIMITERS = {
        ${
    delimiters.toSorted((a, b) => b.length - a.length)
      .map((one) => `${bytes(one)},`).join("\n")
  }
    };
  `;
}

/** The method that finds a mark, or a delimiter. */
export const indexOf: string = code`
  // Returns where a mark begins, or what is there of it; otherwise the end.
  private static int indexOf(byte[] mark, byte[] bytes, int from, int end) {
      for (int at = from; at < end; at++) {
          int length = Math.min(mark.length, end - at);
          if (Arrays.equals(bytes, at, at + length, mark, 0, length)) {
              return at;
          }
      }
      return end;
  }
`;

/** The methods that find one of several delimiters. */
export const findDelimiter: string = code`
  // Returns where a delimiter begins, or what may become one; otherwise the end.
  private static int findDelimiter(byte[] bytes, int from, int end, boolean ended) {
      int at = from;
      while (at < end && delimiterLength(bytes, at, end, ended) == 0) {
          at++;
      }
      return at;
  }

  // Returns the length of the longest delimiter that begins at an index; 0 if none does, and -1
  // if that depends on bytes that follow.
  private static int delimiterLength(byte[] bytes, int at, int end, boolean ended) {
      for (byte[] delimiter : ALL_DELIMITERS) {
          int length = Math.min(delimiter.length, end - at);
          if (Arrays.equals(bytes, at, at + length, delimiter, 0, length)) {
              if (length == delimiter.length) {
                  return length;
              }
              if (!ended) {
                  return -1;
              }
          }
      }
      return 0;
  }
`;
