/**
 * The checks of options. Each error names the option, what was expected, and what was
 * given. This file imports nothing.
 */

/**
 * What an option must be: of a type, an object with methods of these names, or
 * `"checked"` where the function that uses the option checks it.
 */
export type OptionKind =
  | "function"
  | "object"
  | "boolean"
  | "string"
  | "signal"
  | "checked"
  | readonly string[];

/** What each option of an interface must be. */
export type OptionKinds<Options> = {
  readonly [Name in keyof Options]-?: OptionKind;
};

/** Options of codecs that are often given to a server or a client. */
const CODEC_OPTIONS = ["maxFrameLength", "endian", "delimiter", "lengthBytes"];

/**
 * Refuses options that a function does not have, and options of the wrong type.
 *
 * @param of The function.
 * @param options Its options.
 * @param kinds All its options; the first stands in the message as an example.
 * @throws {TypeError} If an option is refused. It says what to write instead.
 */
export function checkOptions(
  of: string,
  options: unknown,
  kinds: Readonly<Record<string, OptionKind>>,
): void {
  const names = Object.keys(kinds);
  if (!isObject(options)) {
    const expected = `an object, such as { ${names[0]}: ... }`;
    throw wrongType(`the options of ${of}`, expected, options);
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const near = names.includes("codec") && nearestOf(name, CODEC_OPTIONS);
      const other = near
        ? `, give ${near} to the codec`
        : `; it has ${names.join(", ")}`;
      throw noSuchOption(of, name, names, other);
    }
    if (value !== undefined) checkKind(name, value, kind);
  }
}

/** Those of some options that a function further down has. */
export function pickOptions<Options extends object>(
  options: Options,
  kinds: OptionKinds<Options>,
): Options {
  const picked = Object.entries(options)
    .filter(([name]) => Object.hasOwn(kinds, name));
  return Object.fromEntries(picked) as Options;
}

/**
 * Refuses a value that is not of its kind.
 *
 * @throws {TypeError} If it is refused. It says what to write instead.
 */
export function checkKind(
  name: string,
  value: unknown,
  kind: OptionKind,
): void {
  if (kind === "checked") return;
  if (kind === "signal") {
    if (isObject(value) && "aborted" in value) return;
    throw wrongType(name, "an AbortSignal", value);
  }
  if (kind === "object" || typeof kind !== "string") {
    const methods = kind === "object" ? [] : kind;
    if (hasMethods(value, methods)) return;
    const parts = methods.map((method) => `${method}()`).join(", ");
    throw wrongType(name, `an object${parts && ` with ${parts}`}`, value);
  }
  const type: string = typeof value;
  if (type !== kind) throw wrongType(name, `a ${kind}`, value);
}

/** Whether a value is an object with methods of these names. */
export function hasMethods(
  value: unknown,
  names: readonly string[],
): value is Readonly<Record<string, unknown>> {
  return isObject(value) &&
    names.every((name) => typeof value[name] === "function");
}

/** Whether a value is an object, and no array. */
export function isObject(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The error of a value of the wrong type.
 *
 * @param instead What to write instead, where it is known what was meant.
 */
export function wrongType(
  name: string,
  expected: string,
  got: unknown,
  instead: string | undefined = usualSlip(got),
): TypeError {
  return new TypeError(
    `Cannot use ${name}: expected ${expected}, got ${shown(got)}${
      instead === undefined ? "" : `; ${instead}`
    }`,
  );
}

/** What to write instead of something that only leads to what was meant. */
function usualSlip(got: unknown): string | undefined {
  if (typeof got === "function") return `call it: ${got.name}()`;
  if (hasMethods(got, ["then"])) return "await it first";
  return got instanceof AbortController ? "write its .signal" : undefined;
}

/** The longest text that a message repeats. */
const SHOWN_LENGTH = 80;

/** A value in a message. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, SHOWN_LENGTH));
    case "function":
      return value.name === "" ? "a function" : `the function ${value.name}`;
    case "object":
      return shownObject(value);
    default:
      return String(value);
  }
}

function shownObject(value: object | null): string {
  if (value === null || Array.isArray(value)) {
    return value ? "an array" : "null";
  }
  const name = value.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `an object (${name})`;
}

/**
 * The error of an option that there is not. It names the nearest one.
 *
 * @param otherwise The end of the message where none is near.
 */
export function noSuchOption(
  of: string,
  name: string,
  names: readonly string[],
  otherwise: string = "",
): TypeError {
  const nearest = nearestOf(name, names);
  return new TypeError(
    `Cannot use ${name}: ${of} has no such option${
      nearest === undefined ? otherwise : `, did you mean ${nearest}?`
    }`,
  );
}

/** More alike than this, one of two names may be meant by the other. */
const NEAR = 0.59;

/** The name that is nearest to another, where one is near. */
export function nearestOf(
  name: string,
  names: Iterable<string>,
): string | undefined {
  let nearest: string | undefined;
  let most = NEAR;
  for (const candidate of names) {
    const alike = likeness(name.toLowerCase(), candidate.toLowerCase());
    if (alike > most) [most, nearest] = [alike, candidate];
  }
  return nearest;
}

/** How many letters two names share, and how many in one piece, from 0 to 1. */
function likeness(a: string, b: string): number {
  let rest = b;
  for (const letter of a) rest = rest.replace(letter, "");
  let piece = 0;
  for (let i = 0; i + piece < a.length; i++) {
    // The same start is tried again with one letter more.
    if (b.includes(a.slice(i, i + piece + 1))) {
      piece++;
      i--;
    }
  }
  return (b.length - rest.length + piece) / (a.length + b.length);
}

/** Refuses an option that is not a whole number from `least` to `most`. */
export function checkCount(
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw outOfRange(name, `a whole number from ${least} to ${most}`, value);
}

/** Refuses an option that is neither a whole number from 1 on nor `Infinity`. */
export function checkCountOrInfinity(name: string, value: number): void {
  if (value === Infinity || Number.isSafeInteger(value) && value > 0) return;
  throw outOfRange(name, "a whole number from 1, or Infinity", value);
}

/** Refuses a number of bytes that is negative; `Infinity` means no limit. */
export function checkBytes(name: string, value: number): void {
  if (typeof value === "number" && value >= 0) return;
  throw outOfRange(name, "0 or more bytes", value);
}

/** Refuses a time limit that is not more than 0; `Infinity` means none. */
export function checkTimeLimit(name: string, value: number): void {
  if (typeof value === "number" && value > 0) return;
  const expected = "more than 0 milliseconds, or Infinity for no limit";
  throw outOfRange(name, expected, value);
}

/** Refuses a number a second that is not more than 0, or has no end. */
export function checkPerSecond(name: string, value: number): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw outOfRange(name, "more than 0 a second", value);
}

/** Refuses a time to wait that is negative; 0 means not at all. */
export function checkWait(name: string, value: number): void {
  if (typeof value === "number" && value >= 0) return;
  throw outOfRange(name, "0 or more milliseconds", value);
}

/** Refuses a delay that is not more than 0, or never over. */
export function checkDelay(name: string, value: number): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw outOfRange(name, "more than 0 milliseconds", value);
}

/** Refuses an option that is not one of its values. */
export function checkChoice<T extends string>(
  name: string,
  value: T,
  choices: readonly T[],
): void {
  if (choices.includes(value)) return;
  throw new TypeError(
    `Cannot use ${name}: expected one of ${choices.join(", ")}, got ${value}`,
  );
}

function outOfRange(name: string, expected: string, got: unknown): RangeError {
  const given = typeof got === "number" ? got : `${typeof got} ${String(got)}`;
  return new RangeError(
    `Cannot use ${name}: expected ${expected}, got ${given}`,
  );
}
