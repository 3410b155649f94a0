import { type BytesJson, bytesToJson, cut, printString } from "./literals.ts";
import { FormatError } from "./format_error.ts";

/** The longest text that is read, in UTF-16 code units. */
export const MAX_FORMAT_LENGTH = 4_096;

/** A word, literal or mark of an expression. */
export type Token = TokenValue & {
  /** Where it begins, counted from 1. */
  readonly column: number;
  /** How it stands in the text. */
  readonly text: string;
};

type TokenValue =
  | { readonly type: "word" | "mark" | "end" }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "string"; readonly value: BytesJson };

const SPACE = /\s*/y;
const WORD = /[A-Za-z][\w-]*/y;
const NUMBER =
  /(-?)(0x[\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(B|KiB|MiB|GiB)?(?![\w.])/y;
const STRING_PART =
  /[^"\\\p{Cc}]+|\\(?:["\\/bfnrt0]|x[\da-fA-F]{2}|u[\da-fA-F]{4})/uy;

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const ESCAPED: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  0: "\0",
};

const textEncoder = new TextEncoder();

/**
 * Reads the words, literals and marks of an expression, one at a time.
 *
 * @throws {FormatError} At what is none of them.
 */
export class Lexer {
  readonly #text: string;
  #at = 0;
  /** The token that comes next, if it has been looked at. */
  #next: Token | undefined;

  constructor(text: string) {
    if (text.length > MAX_FORMAT_LENGTH) {
      throw new FormatError({
        reason: "The format is too long",
        place: { column: MAX_FORMAT_LENGTH + 1 },
        expected: `at most ${MAX_FORMAT_LENGTH} characters`,
        got: `${text.length}`,
      });
    }
    this.#text = text;
  }

  /** The token that comes next. */
  get next(): Token {
    return this.#next ??= this.#read();
  }

  /** Takes the next token; at the end, there is one end after the other. */
  take(): Token {
    const token = this.next;
    // What is behind it is read later: of two slips, the first is reported.
    this.#next = undefined;
    return token;
  }

  /** Takes the next token if it is the mark, and says whether it was. */
  takeMark(mark: string): boolean {
    if (this.next.type !== "mark" || this.next.text !== mark) return false;
    this.take();
    return true;
  }

  #read(): Token {
    this.#match(SPACE);
    const at = this.#at;
    const value = this.#value();
    const text = this.#text.slice(at, this.#at);
    return { ...value, column: at + 1, text };
  }

  #value(): TokenValue {
    const first = this.#text[this.#at];
    if (first === undefined) return { type: "end" };
    if (this.#match(WORD) !== undefined) return { type: "word" };
    if (first === '"') return { type: "string", value: this.#string() };
    if (/[-\d]/.test(first)) return { type: "number", value: this.#number() };
    if (!"|(),=[]{}:".includes(first)) throw this.#unknown("a word or a value");
    this.#at++;
    return { type: "mark" };
  }

  #number(): number {
    const [found, sign, digits, unit = "B"] = this.#match(NUMBER) ?? [];
    if (found === undefined) {
      throw this.#unknown("a number, or one with a unit: B, KiB, MiB, GiB");
    }
    return (sign === "-" ? -1 : 1) * Number(digits) * UNITS[unit]!;
  }

  #string(): BytesJson {
    this.#at++;
    const bytes: Uint8Array[] = [];
    let text = "";
    while (this.#text[this.#at] !== '"') {
      const [part] = this.#match(STRING_PART) ?? [];
      if (part === undefined) {
        throw this.#unknown(
          "a character, an escape, or the quote that ends the string",
        );
      }
      const code = Number.parseInt(part.slice(2), 16);
      if (!part.startsWith("\\")) text += part;
      else if (part[1] === "u") text += String.fromCharCode(code);
      else if (part[1] !== "x") text += ESCAPED[part[1]!] ?? part[1];
      else if (code < 0x80) text += String.fromCharCode(code);
      else {
        bytes.push(textEncoder.encode(text), Uint8Array.of(code));
        text = "";
      }
    }
    this.#at++;
    if (bytes.length === 0) return text;
    bytes.push(textEncoder.encode(text));
    return bytesToJson(Uint8Array.from(bytes.flatMap((part) => [...part])));
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #unknown(expected: string): FormatError {
    const [word] = /^[\w.\\-]+/.exec(this.#text.slice(this.#at)) ?? [];
    const got = word ?? this.#text.charAt(this.#at);
    return new FormatError({
      reason: "The format cannot be read",
      place: { column: this.#at + 1 },
      expected,
      got: got === "" ? "the end" : printString(cut(got)),
    });
  }
}
