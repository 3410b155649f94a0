import { code } from "../../code.ts";

/** The class that decodes UTF-8 and replaces what is not valid. */
export const utf8Class: string = code`
  /** UTF-8 in which each invalid sequence becomes one U+FFFD, as the Encoding Standard says. */
  private static final class Utf8 {
      private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

      private Utf8() {}

      static byte[] encode(String text) {
          return LONE_SURROGATE.matcher(text).replaceAll("\ufffd").getBytes(UTF_8);
      }

      // The standard library replaces an encoded surrogate once, not each of its bytes.
      static String decode(byte[] bytes) {
          StringBuilder text = new StringBuilder(bytes.length);
          int from = 0;
          int at = 0;
          while (at < bytes.length) {
              int length = sequenceLength(bytes, at);
              if (length > 0) {
                  at += length;
                  continue;
              }
              text.append(new String(bytes, from, at - from, UTF_8)).append('\ufffd');
              at -= length;
              from = at;
          }
          return text.append(new String(bytes, from, at - from, UTF_8)).toString();
      }

      // The length of a character, or of an invalid sequence as a negative number.
      private static int sequenceLength(byte[] bytes, int at) {
          int first = bytes[at] & 0xff;
          if (first < 0x80) {
              return 1;
          }
          if (first < 0xc2 || first > 0xf4) {
              return -1;
          }
          int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
          int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
          int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
          for (int i = 1; i < length; i++) {
              if (at + i == bytes.length) {
                  return -i;
              }
              int next = bytes[at + i] & 0xff;
              if (next < least || next > most) {
                  return -i;
              }
              least = 0x80;
              most = 0xbf;
          }
          return length;
      }
  }
`;
