import { MAX_JSON_DEPTH } from "../../../defaults.ts";
import { code } from "../../code.ts";

/** The class that recognises JSON. */
export const jsonClass: string = code`
  /// <summary>JSON (RFC 8259).</summary>
  internal static class Json
  {
      private const int MaxDepth = ${MAX_JSON_DEPTH};

      /// <summary>Whether a text is JSON. A byte order mark before it is removed.</summary>
      public static bool IsValid(ref string text)
      {
          if (text.Length > 0 && text[0] == '\ufeff')
          {
              text = text.Substring(1);
          }

          int at = 0;
          return ReadValue(text, ref at, 0) && at == text.Length;
      }

      private static bool ReadValue(string text, ref int at, int depth)
      {
          SkipSpace(text, ref at);
          bool isValue = Read(text, ref at, "{") ? ReadItems(text, ref at, "}", depth + 1)
              : Read(text, ref at, "[") ? ReadItems(text, ref at, "]", depth + 1)
              : Read(text, ref at, "\"") ? ReadString(text, ref at)
              : Read(text, ref at, "true") || Read(text, ref at, "false") || Read(text, ref at, "null")
                  || ReadNumber(text, ref at);
          SkipSpace(text, ref at);
          return isValue;
      }

      private static bool ReadItems(string text, ref int at, string end, int depth)
      {
          if (depth > MaxDepth)
          {
              return false;
          }

          SkipSpace(text, ref at);
          if (Read(text, ref at, end))
          {
              return true;
          }

          do
          {
              if (end == "}" && !ReadName(text, ref at))
              {
                  return false;
              }

              if (!ReadValue(text, ref at, depth))
              {
                  return false;
              }
          }
          while (Read(text, ref at, ","));

          return Read(text, ref at, end);
      }

      private static bool ReadName(string text, ref int at)
      {
          SkipSpace(text, ref at);
          if (!Read(text, ref at, "\"") || !ReadString(text, ref at))
          {
              return false;
          }

          SkipSpace(text, ref at);
          return Read(text, ref at, ":");
      }

      // Reads a string behind its first quote.
      private static bool ReadString(string text, ref int at)
      {
          while (at < text.Length)
          {
              char character = text[at++];
              if (character == '"')
              {
                  return true;
              }

              if (character < ' ' || (character == '\\' && !ReadEscape(text, ref at)))
              {
                  return false;
              }
          }

          return false;
      }

      private static bool ReadEscape(string text, ref int at)
      {
          if (!Read(text, ref at, "u"))
          {
              return at < text.Length && "\"\\/bfnrt".IndexOf(text[at++]) >= 0;
          }

          for (int end = at + 4; at < end; at++)
          {
              if (at >= text.Length || !Uri.IsHexDigit(text[at]))
              {
                  return false;
              }
          }

          return true;
      }

      private static bool ReadNumber(string text, ref int at)
      {
          Read(text, ref at, "-");
          if (!Read(text, ref at, "0") && !ReadDigits(text, ref at))
          {
              return false;
          }

          if (Read(text, ref at, ".") && !ReadDigits(text, ref at))
          {
              return false;
          }

          if (!Read(text, ref at, "e") && !Read(text, ref at, "E"))
          {
              return true;
          }

          if (!Read(text, ref at, "+"))
          {
              Read(text, ref at, "-");
          }

          return ReadDigits(text, ref at);
      }

      private static bool ReadDigits(string text, ref int at)
      {
          int from = at;
          while (at < text.Length && text[at] >= '0' && text[at] <= '9')
          {
              at++;
          }

          return at > from;
      }

      private static bool Read(string text, ref int at, string token)
      {
          if (string.CompareOrdinal(text, at, token, 0, token.Length) != 0)
          {
              return false;
          }

          at += token.Length;
          return true;
      }

      private static void SkipSpace(string text, ref int at)
      {
          while (at < text.Length && " \t\n\r".IndexOf(text[at]) >= 0)
          {
              at++;
          }
      }
  }
`;
