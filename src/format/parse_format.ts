import { checkKind } from "../checks.ts";
import type { Codec } from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { FormatError } from "./format_error.ts";
import { Lexer, type Token } from "./lexer.ts";
import { cut } from "./literals.ts";
import { MAX_VALUE_DEPTH } from "./options.ts";
import type { StageKind } from "./stage_kind.ts";
import {
  codecOfStages,
  type FormatOptions,
  type GivenOption,
  nearest,
  type ReadStage,
  stageNamed,
} from "./stages.ts";

/** The stage that sets the limit of the first one. */
const LIMIT = "max";
const LIMIT_OPTION = "maxFrameLength";

const CONSTANTS: ReadonlyMap<string, JsonValue> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** A value in JSON, and the token that it began with. */
interface Value {
  readonly value: JsonValue;
  readonly first: Token;
}

/**
 * Makes a codec from an expression, without `eval`. The documentation of the module
 * has the grammar and all names.
 *
 * The expression may come from a file or a user: a text is at most 4,096 characters
 * long and has at most 16 stages, and whatever the text is, what is thrown is a
 * {@linkcode FormatError}. Limits on frames in it can be any: where the text is not
 * trusted, check them.
 *
 * @example
 * ```ts
 * import { parseFormat } from "@framewire/framewire/format";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = parseFormat("length(2, little, includes=frame) | text | max 64KiB");
 * assertEquals(codec.encode("HI"), Uint8Array.of(4, 0, 0x48, 0x49));
 * assertEquals(codec.decode(Uint8Array.of(4, 0, 0x48, 0x49)), ["HI"]);
 * ```
 *
 * @param text The expression.
 * @param options Who is told of frames that are passed over.
 * @returns The codec. {@linkcode formatOf} gives the normal form of the expression.
 * @throws {FormatError} If the text is no expression, or a codec refuses its options.
 */
export function parseFormat(
  text: string,
  options: FormatOptions = {},
): Codec<unknown> {
  checkKind("the format", text, "string");
  return codecOfStages(new FormatParser(text).stages(), options);
}

/** Reads an expression by recursive descent. */
class FormatParser {
  readonly #tokens: Lexer;

  constructor(text: string) {
    this.#tokens = new Lexer(text);
  }

  stages(): ReadStage[] {
    const stages = [this.#stage()];
    while (this.#tokens.takeMark("|")) {
      const { text } = this.#tokens.next;
      if (text === LIMIT) this.#limit(stages[0]!);
      else stages.push(this.#stage());
    }
    const { next } = this.#tokens;
    if (next.type !== "end") {
      throw unexpected(next, "| and a stage, or the end");
    }
    return stages;
  }

  #stage(): OpenStage {
    const first = this.#word("the name of a format");
    let name = first.text;
    if (name === "preset") {
      this.#mark(":", "a colon and the name of a preset");
      name += `:${this.#word("the name of a preset").text}`;
    }
    const place = { column: first.column };
    const stage = { kind: stageNamed(name, place), place, given: new Map() };
    if (!this.#tokens.takeMark("(")) return stage;
    this.#list(")", () => this.#argument(stage));
    return stage;
  }

  #limit(stage: OpenStage): void {
    const { column } = this.#tokens.take();
    const token = this.#tokens.take();
    if (token.type !== "number") throw unexpected(token, "a number of bytes");
    if (!Object.hasOwn(stage.kind.options, LIMIT_OPTION)) {
      throw new FormatError({
        reason: "The stage cannot stand there",
        place: { column },
        expected: "a format that has a limit before it",
        got: stage.kind.name,
      });
    }
    give(stage, LIMIT_OPTION, { value: token.value, first: token });
  }

  #argument(stage: OpenStage): void {
    const { kind } = stage;
    const { next } = this.#tokens;
    if (next.type !== "word" || CONSTANTS.has(next.text)) {
      const value = this.#value(MAX_VALUE_DEPTH);
      give(stage, positionFor(stage, value), value);
      return;
    }
    this.#tokens.take();
    const option = optionNamed(kind, next.text);
    const value = { value: next.text, first: next };
    if (this.#tokens.takeMark("=")) {
      if (option === undefined) throw noSuchOption(kind, next);
      give(stage, option, this.#named(kind, option));
    } else if (option === undefined) {
      give(stage, positionFor(stage, value), value);
    } else if (takes(kind, option, true)) {
      give(stage, option, { value: true, first: next });
    } else throw unexpected(this.#tokens.next, `= and a value of ${next.text}`);
  }

  /** The value behind the name of an option. */
  #named(kind: StageKind, option: string): Value {
    const { next } = this.#tokens;
    if (next.type !== "word" || CONSTANTS.has(next.text)) {
      return this.#value(MAX_VALUE_DEPTH);
    }
    const { words, expected } = kind.options[option]!;
    if (words === "none") throw unexpected(next, expected);
    return { value: next.text, first: this.#tokens.take() };
  }

  #value(depth: number, isInObject = false): Value {
    const first = this.#tokens.take();
    const constant = CONSTANTS.get(first.text);
    if (first.type === "word" && constant !== undefined) {
      return { value: constant, first };
    }
    if (first.type === "number" || first.type === "string") {
      // In an object of JSON, `{ hex }` would be an object.
      if (isInObject && typeof first.value === "object") {
        throw unexpected(first, "text in UTF-8");
      }
      return { value: first.value, first };
    }
    const isNested = first.text === "[" || first.text === "{";
    if (first.type !== "mark" || !isNested) throw unexpected(first, "a value");
    if (depth === 0) throw unexpected(first, "a value that is less deep");
    if (first.text === "[") {
      const list: JsonValue[] = [];
      this.#list("]", () => {
        list.push(this.#value(depth - 1, isInObject).value);
      });
      return { value: list, first };
    }
    const entries = new Map<string, JsonValue>();
    this.#list("}", () => {
      const key = this.#key();
      if (entries.has(key.name)) throw givenTwice(key.name, key.token);
      this.#mark(":", "a colon");
      entries.set(key.name, this.#value(depth - 1, true).value);
    });
    // Not by assignment: a key can be `__proto__`.
    return { value: Object.fromEntries(entries), first };
  }

  #key(): { name: string; token: Token } {
    const token = this.#tokens.take();
    if (token.type === "word") return { name: token.text, token };
    if (token.type === "number") return { name: `${token.value}`, token };
    if (token.type === "string" && typeof token.value === "string") {
      return { name: token.value, token };
    }
    throw unexpected(token, "a key");
  }

  /** Reads what commas separate, up to and with the mark that ends it. */
  #list(end: string, read: () => void): void {
    if (this.#tokens.takeMark(end)) return;
    do read(); while (this.#tokens.takeMark(","));
    this.#mark(end, `a comma or ${end}`);
  }

  #mark(mark: string, expected: string): void {
    if (this.#tokens.takeMark(mark)) return;
    throw unexpected(this.#tokens.next, expected);
  }

  #word(expected: string): Token {
    const token = this.#tokens.take();
    if (token.type === "word") return token;
    throw unexpected(token, expected);
  }
}

/** A stage whose options are being read. */
interface OpenStage extends ReadStage {
  readonly given: Map<string, GivenOption>;
}

function give(stage: OpenStage, option: string, { value, first }: Value): void {
  if (stage.given.has(option)) throw givenTwice(option, first);
  stage.given.set(option, { value, place: { column: first.column } });
}

/**
 * The option of a name in text: that in code, which may be without the name of the
 * stage that it begins with.
 */
function optionNamed(kind: StageKind, name: string): string | undefined {
  const whole = `${kind.name}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return [name, whole].find((one) => Object.hasOwn(kind.options, one));
}

/** The first option for a value without a name that takes it and is not given. */
function positionFor(stage: OpenStage, { value, first }: Value): string {
  const { kind, given } = stage;
  const position = kind.positional.find((option) =>
    !given.has(option) && takes(kind, option, value) &&
    (first.type !== "word" || kind.options[option]!.words !== "none")
  );
  if (position !== undefined) return position;
  if (first.type === "word") throw noSuchOption(kind, first);
  const left = kind.positional.filter((option) => !given.has(option));
  throw unexpected(
    first,
    left.length === 0
      ? `an option of ${kind.name} by its name`
      : left.map((option) => kind.options[option]!.expected).join(", or "),
  );
}

function takes(kind: StageKind, option: string, value: JsonValue): boolean {
  return kind.options[option]!.read(value) !== undefined;
}

function noSuchOption(kind: StageKind, { text, column }: Token): FormatError {
  const words = kind.positional.flatMap((option) => {
    const { words } = kind.options[option]!;
    return typeof words === "string" ? [] : words;
  });
  return new FormatError({
    reason: "There is no such option",
    place: { column },
    expected: `an option of ${kind.name}`,
    got: cut(text),
    suggestion: nearest(text, [...Object.keys(kind.options), ...words]),
  });
}

function givenTwice(name: string, { column }: Token): FormatError {
  return new FormatError({
    reason: "It has been given already",
    place: { column },
    expected: `${name} once`,
    got: "a second one",
  });
}

function unexpected(token: Token, expected: string): FormatError {
  const { type, text, column } = token;
  return new FormatError({
    reason: "The format cannot be read",
    place: { column },
    expected,
    got: type === "end" ? "the end" : cut(text),
  });
}
