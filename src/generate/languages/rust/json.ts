import { code } from "../../code.ts";
import { MAX_JSON_DEPTH } from "../../../defaults.ts";
import { number } from "./literals.ts";

/** The functions that tell what is JSON. */
export const jsonCode: string = code`
  /// How many lists and objects of a JSON value may be within each other.
  const MAX_DEPTH: usize = ${number(MAX_JSON_DEPTH)};

  /// The text of a frame, which must be JSON in UTF-8. A byte order mark is left out.
  fn json_of(offset: u64, mut bytes: Vec<u8>) -> Result<String, FrameError> {
      if bytes.starts_with("\u{feff}".as_bytes()) {
          bytes.drain(.."\u{feff}".len());
      }
      match String::from_utf8(bytes) {
          Ok(text) => match check_json(&text) {
              Ok(()) => Ok(text),
              Err(got) => Err(not_json(Some(offset), got)),
          },
          Err(_) => Err(not_json(Some(offset), "other bytes".to_string())),
      }
  }

  fn not_json(offset: Option<u64>, got: String) -> FrameError {
      let message = format!("The message is not JSON: expected JSON in UTF-8, got {got}");
      ErrorCode::MessageInvalid.at(offset, message)
  }

  /// Checks that a text is one JSON value (RFC 8259); the error says what was found.
  fn check_json(text: &str) -> Result<(), String> {
      let bytes = text.as_bytes();
      let mut json = Json { rest: bytes };
      let is_json = json.value(MAX_DEPTH).is_some();
      json.space();
      match json.rest.first() {
          None if is_json => Ok(()),
          None => Err("the end of the text".to_string()),
          Some(_) => {
              let at = bytes.len() - json.rest.len();
              Err(format!(
                  "other text or more than {MAX_DEPTH} levels at {at}"
              ))
          }
      }
  }

  /// What follows in a text of JSON. Each method passes over a part, or returns \`None\`.
  struct Json<'a> {
      rest: &'a [u8],
  }

  impl Json<'_> {
      fn value(&mut self, depth: usize) -> Option<()> {
          self.space();
          match self.rest.first()? {
              b'[' => self.items(depth, b']'),
              b'{' => self.items(depth, b'}'),
              b'"' => self.string(),
              b't' => self.word(b"true"),
              b'f' => self.word(b"false"),
              b'n' => self.word(b"null"),
              _ => self.number(),
          }
      }

      /// A list or an object, from its first byte on.
      fn items(&mut self, depth: usize, close: u8) -> Option<()> {
          let depth = depth.checked_sub(1)?;
          self.next()?;
          self.space();
          if self.word(&[close]).is_some() {
              return Some(());
          }
          loop {
              if close == b'}' {
                  self.space();
                  self.string()?;
                  self.space();
                  self.word(b":")?;
              }
              self.value(depth)?;
              self.space();
              if self.word(b",").is_none() {
                  return self.word(&[close]);
              }
          }
      }

      fn string(&mut self) -> Option<()> {
          self.word(b"\"")?;
          loop {
              match self.next()? {
                  b'"' => return Some(()),
                  b'\\' => match self.next()? {
                      b'u' => {
                          for _ in 0..4 {
                              self.next().filter(u8::is_ascii_hexdigit)?;
                          }
                      }
                      escaped if b"\"\\/bfnrt".contains(&escaped) => {}
                      _ => return None,
                  },
                  0..=0x1f => return None,
                  _ => {}
              }
          }
      }

      fn number(&mut self) -> Option<()> {
          let _ = self.word(b"-");
          if self.word(b"0").is_none() {
              self.digits()?;
          }
          if self.word(b".").is_some() {
              self.digits()?;
          }
          if self.word(b"e").or_else(|| self.word(b"E")).is_some() {
              let _ = self.word(b"+").or_else(|| self.word(b"-"));
              self.digits()?;
          }
          Some(())
      }

      fn digits(&mut self) -> Option<()> {
          let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
          let count = digits.count();
          self.rest = &self.rest[count..];
          (count > 0).then_some(())
      }

      fn space(&mut self) {
          while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
              self.rest = rest;
          }
      }

      fn word(&mut self, word: &[u8]) -> Option<()> {
          self.rest = self.rest.strip_prefix(word)?;
          Some(())
      }

      fn next(&mut self) -> Option<u8> {
          let (&byte, rest) = self.rest.split_first()?;
          self.rest = rest;
          Some(byte)
      }
  }
`.replaceAll("\\`", "`");
