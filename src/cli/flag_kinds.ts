import { UsageError } from "./errors.ts";

/** A flag: what its value is, and what is said of it. */
export interface Flag<T = unknown> {
  /** What stands for the value in the help; none where the flag takes no value. */
  readonly value?: string;
  /** What it is called on the command line, where that is not its name in code. */
  readonly name?: string;
  /** One letter that can be written for it. */
  readonly short?: string;
  /** What it does, in one line. */
  readonly help: string;
  /** What completions offer: words, or the names of files. */
  readonly offers?: readonly string[] | "files";
  /** Whether it can be given several times; the values are then gathered. */
  readonly repeated?: boolean;
  /**
   * Reads its value.
   *
   * @throws {UsageError} If it is none.
   */
  read(text: string, flag: string): T;
}

/** More about a flag than its kind says. */
type Extra = Pick<Flag, "name" | "short" | "offers">;

/** A flag without a value. */
export function toggle(help: string, extra: Extra = {}): Flag<boolean> {
  return { ...extra, help, read: () => true };
}

/** A flag with a text. */
export function text(
  value: string,
  help: string,
  extra: Extra = {},
): Flag<string> {
  return { ...extra, value, help, read: (text) => text };
}

/** A flag that can be given several times, with texts. */
export function texts(value: string, help: string): Flag<readonly string[]> {
  return { value, help, repeated: true, read: (text) => [text] };
}

/** A flag with the name of a file. */
export function file(help: string): Flag<string> {
  return text("FILE", help, { offers: "files" });
}

/** A flag with one of some words. */
export function choice<const T extends string>(
  words: readonly T[],
  help: string,
  extra: Extra = {},
): Flag<T> {
  return {
    ...extra,
    value: words.join("|"),
    help,
    offers: words,
    read(text, flag) {
      const word = words.find((word) => word === text);
      if (word !== undefined) return word;
      throw wrongValue(flag, `one of ${words.join(", ")}`, text);
    },
  };
}

/** A flag with a whole number. */
export function count(help: string, least: number, extra: Extra = {}): Flag<
  number
> {
  return {
    ...extra,
    value: "N",
    help,
    read(text, flag) {
      const number = Number(text.replaceAll("_", ""));
      if (/^[\d_]+$/.test(text) && number >= least && isSafe(number)) {
        return number;
      }
      throw wrongValue(flag, `a whole number from ${least} on`, text);
    },
  };
}

/** A flag with a number of bytes. */
export function size(help: string, extra: Extra = {}): Flag<number> {
  return {
    ...extra,
    value: "SIZE",
    help,
    read(text, flag) {
      const bytes = sizeOf(text);
      if (bytes !== undefined) return bytes;
      throw wrongValue(flag, "a size such as 512, 64KiB or 1MiB", text);
    },
  };
}

/** A flag with a time, in milliseconds. */
export function duration(help: string): Flag<number> {
  return {
    value: "TIME",
    help,
    read(text, flag) {
      const ms = millisecondsOf(text);
      if (ms !== undefined) return ms;
      throw wrongValue(flag, "a time such as 500ms, 10s or 2m", text);
    },
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** The bytes of a size such as `64KiB`; `undefined` if it is none. */
export function sizeOf(text: string): number | undefined {
  const bytes = withUnit(text, SIZE_UNITS);
  return bytes !== undefined && isSafe(bytes) ? bytes : undefined;
}

/** The milliseconds of a time such as `50ms`; `undefined` if it is none. */
export function millisecondsOf(text: string): number | undefined {
  return withUnit(text, TIME_UNITS);
}

function withUnit(
  text: string,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  if (number === undefined || !Object.hasOwn(units, unit)) return undefined;
  return Number(number) * units[unit]!;
}

function isSafe(number: number): boolean {
  return Number.isSafeInteger(number);
}

function wrongValue(flag: string, expected: string, got: string): UsageError {
  return new UsageError(
    `Cannot read --${flag}: expected ${expected}, got ${JSON.stringify(got)}`,
  );
}
