import { MAX_JSON_DEPTH } from "../../../defaults.ts";
import { code } from "../../code.ts";

/** The class that recognises JSON. */
export const jsonClass: string = code`
  /** A text that is JSON (RFC 8259), or not. */
  private static final class Json {
      private static final int MAX_DEPTH = ${MAX_JSON_DEPTH};

      private final String text;
      private int at;

      private Json(String text) {
          this.text = text;
      }

      /** Returns the JSON of some bytes without a byte order mark; null if they are not JSON. */
      static String decode(byte[] utf8) {
          try {
              return validated(UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
          } catch (CharacterCodingException e) {
              return null;
          }
      }

      /** Returns the bytes of a text without a byte order mark; null if it is not JSON. */
      static byte[] encode(String text) {
          String json = validated(text);
          if (json == null) {
              return null;
          }
          try {
              ByteBuffer utf8 = UTF_8.newEncoder().encode(CharBuffer.wrap(json));
              return Arrays.copyOf(utf8.array(), utf8.limit());
          } catch (CharacterCodingException e) {
              return null; // It has a lone surrogate.
          }
      }

      private static String validated(String text) {
          String json = text.startsWith("\ufeff") ? text.substring(1) : text;
          Json reader = new Json(json);
          return reader.readValue(0) && reader.at == json.length() ? json : null;
      }

      private boolean readValue(int depth) {
          skipSpace();
          boolean isValue = read("{") ? readItems("}", depth + 1)
                  : read("[") ? readItems("]", depth + 1)
                  : read("\"") ? readString()
                  : read("true") || read("false") || read("null") || readNumber();
          skipSpace();
          return isValue;
      }

      private boolean readItems(String end, int depth) {
          if (depth > MAX_DEPTH) {
              return false;
          }
          skipSpace();
          if (read(end)) {
              return true;
          }
          do {
              if ((end.equals("}") && !readName()) || !readValue(depth)) {
                  return false;
              }
          } while (read(","));
          return read(end);
      }

      private boolean readName() {
          skipSpace();
          if (!read("\"") || !readString()) {
              return false;
          }
          skipSpace();
          return read(":");
      }

      // Reads a string behind its first quote.
      private boolean readString() {
          while (at < text.length()) {
              char character = text.charAt(at++);
              if (character == '"') {
                  return true;
              }
              if (character < ' ' || (character == '\\' && !readEscape())) {
                  return false;
              }
          }
          return false;
      }

      private boolean readEscape() {
          if (!read("u")) {
              return readOne("\"\\/bfnrt");
          }
          for (int i = 0; i < 4; i++) {
              if (!readOne("0123456789abcdefABCDEF")) {
                  return false;
              }
          }
          return true;
      }

      private boolean readNumber() {
          read("-");
          if (!read("0") && !readDigits()) {
              return false;
          }
          if (read(".") && !readDigits()) {
              return false;
          }
          if (!readOne("eE")) {
              return true;
          }
          readOne("+-");
          return readDigits();
      }

      private boolean readDigits() {
          int from = at;
          while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
              at++;
          }
          return at > from;
      }

      private boolean readOne(String characters) {
          if (at == text.length() || characters.indexOf(text.charAt(at)) < 0) {
              return false;
          }
          at++;
          return true;
      }

      private boolean read(String token) {
          if (!text.startsWith(token, at)) {
              return false;
          }
          at += token.length();
          return true;
      }

      private void skipSpace() {
          while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
              at++;
          }
      }
  }
`;
