import { code } from "../../code.ts";

/** The class that decodes UTF-8 and replaces what is not valid. */
export const utf8Class: string = code`
  /// <summary>UTF-8 in which each invalid sequence becomes one U+FFFD, as the Encoding Standard says.</summary>
  internal static class Utf8
  {
      // .NET Framework and Mono replace invalid sequences in another way.
      public static string Decode(byte[] bytes)
      {
          var text = new StringBuilder(bytes.Length);
          int from = 0;
          int at = 0;
          while (at < bytes.Length)
          {
              int length = GetLength(bytes, at);
              if (length > 0)
              {
                  at += length;
                  continue;
              }

              text.Append(Encoding.UTF8.GetString(bytes, from, at - from)).Append('\ufffd');
              at -= length;
              from = at;
          }

          return text.Append(Encoding.UTF8.GetString(bytes, from, at - from)).ToString();
      }

      // The length of a character, or of an invalid sequence as a negative number.
      private static int GetLength(byte[] bytes, int at)
      {
          byte first = bytes[at];
          if (first < 0x80)
          {
              return 1;
          }

          if (first < 0xc2 || first > 0xf4)
          {
              return -1;
          }

          int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
          int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
          int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
          for (int i = 1; i < length; i++)
          {
              if (at + i == bytes.Length || bytes[at + i] < least || bytes[at + i] > most)
              {
                  return -i;
              }

              least = 0x80;
              most = 0xbf;
          }

          return length;
      }
  }
`;
