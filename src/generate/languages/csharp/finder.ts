import { code } from "../../code.ts";
import type { DelimitedFraming } from "../../plan.ts";
import { bytes } from "./part.ts";

/** How delimiters are searched: simple ones without a class of their own. */
export type Search = "byte" | "lines" | "class";

/** How the delimiters of a format are searched. */
export function searchOf(
  { delimiters, keepDelimiter }: DelimitedFraming,
): Search {
  if (keepDelimiter) return "class";
  const texts = delimiters.map((one) => String.fromCharCode(...one));
  const isLines = texts.length === 2 && texts[0] === "\n" &&
    texts[1] === "\r\n";
  if (isLines) return "lines";
  return texts.length === 1 && texts[0]!.length === 1 ? "byte" : "class";
}

/** The class that finds delimiters of several bytes, or several delimiters. */
export function delimiterClass(delimiters: readonly Uint8Array[]): string {
  const [first, ...others] = delimiters;
  return others.length === 0
    ? code`
      internal static class Delimiter
      {
          public static readonly byte[] Written = { ${bytes(first!)} };

          /// <summary>
          /// Returns where the delimiter begins; or, with a length of 0, before where it does not.
          /// </summary>
          /// <param name="ended">Whether no bytes follow that could complete it.</param>
          public static int Find(byte[] bytes, int at, int end, bool ended, out int length)
          {
              length = 0;
              while ((at = Array.IndexOf(bytes, Written[0], at, end - at)) >= 0)
              {
                  int same = 1;
                  while (same < Written.Length && at + same < end && bytes[at + same] == Written[same])
                  {
                      same++;
                  }

                  if (same == Written.Length)
                  {
                      length = same;
                      return at;
                  }

                  if (at + same == end && !ended)
                  {
                      return at;
                  }

                  at++;
              }

              return end;
          }
      }
    `
    : code`
      internal static class Delimiter
      {
          public static readonly byte[] Written = { ${bytes(first!)} };

          // The longest first.
          private static readonly byte[][] All =
          {
              ${
      delimiters.toSorted((a, b) => b.length - a.length)
        .map((one) => `new byte[] { ${bytes(one)} },`).join("\n")
    }
          };

          /// <summary>
          /// Returns where the delimiter begins that begins first, and is the longest there;
          /// or, with a length of 0, before where none begins.
          /// </summary>
          /// <param name="ended">Whether no bytes follow that could complete one.</param>
          public static int Find(byte[] bytes, int at, int end, bool ended, out int length)
          {
              length = 0;
              for (; at < end; at++)
              {
                  foreach (byte[] delimiter in All)
                  {
                      int same = 0;
                      while (same < delimiter.Length && at + same < end && bytes[at + same] == delimiter[same])
                      {
                          same++;
                      }

                      if (same == delimiter.Length)
                      {
                          length = same;
                          return at;
                      }

                      if (at + same == end && !ended)
                      {
                          return at;
                      }
                  }
              }

              return end;
          }
      }
    `;
}

/** The class that finds marks. */
export const markClass: string = code`
  internal static class Mark
  {
      /// <summary>Returns where a mark begins; or, if it is not found, before where it does not.</summary>
      public static int Find(byte[] mark, byte[] bytes, int at, int end, out bool found)
      {
          found = false;
          while ((at = Array.IndexOf(bytes, mark[0], at, end - at)) >= 0)
          {
              int same = 1;
              while (same < mark.Length && at + same < end && bytes[at + same] == mark[same])
              {
                  same++;
              }

              found = same == mark.Length;
              if (found || at + same == end)
              {
                  return at;
              }

              at++;
          }

          return end;
      }
  }
`;
