import { UsageError } from "../errors.ts";
import { millisecondsOf, sizeOf } from "../flag_kinds.ts";
import type {
  Direction,
  FaultName,
  Faults,
  Mark,
  ProxyFaults,
  Span,
} from "./faults.ts";

/**
 * Reads faults, such as `drop=1%,toClient:delay=50ms..200ms,reset@1MiB`. Those without
 * a direction are done in both. Without an expression there are none.
 *
 * @throws {UsageError} Where one is wrong. It says where, and what was expected.
 */
export function parseFaults(expression?: string): ProxyFaults {
  const faults = { toServer: {}, toClient: {} };
  if (expression === undefined) return faults;
  let at = 0;
  for (const part of expression.split(",")) {
    parsePart(new Part(expression, part, at), faults);
    at += part.length + 1;
  }
  return faults;
}

function parsePart(
  part: Part,
  faults: Record<Direction, Record<string, unknown>>,
): void {
  const prefix = part.take(/toServer:|toClient:/y)?.slice(0, -1);
  const directions: Direction[] = prefix === undefined
    ? ["toServer", "toClient"]
    : [prefix as Direction];
  const nameAt = part.at;
  const name = part.take(/[A-Za-z]+(?=[=@])/y);
  const reader = readers.get(name ?? "");
  if (name === undefined || reader === undefined) {
    throw part.error(EXAMPLES, nameAt);
  }
  const { sign, example, read } = reader;
  if (part.take(sign === "=" ? /=/y : /@/y) === undefined) {
    throw part.error(`${name}${sign}${example}`, nameAt);
  }
  const valueAt = part.at;
  const value = read(part);
  if (value === undefined || !part.isOver) {
    throw part.error(`${reader.what}, such as ${example}`, valueAt);
  }
  for (const direction of directions) {
    if (name in faults[direction]) {
      throw part.error(`${name} once for each direction`, nameAt);
    }
    faults[direction][name] = value;
  }
}

/** How the value of a fault is written. */
interface ValueReader {
  readonly sign: "=" | "@";
  readonly what: string;
  readonly example: string;
  /** Reads it; `undefined` where it is none. */
  read(part: Part): Faults[FaultName];
}

/** All messages that are held back are looked at with each that comes. */
const MOST_PLACES = 1_000;

const share = (example: string): ValueReader => ({
  sign: "=",
  what: "a share from 0% to 100%",
  example,
  read: readShare,
});

const mark = (example: string): ValueReader => ({
  sign: "@",
  what: "a number of bytes, or frame: and a number of frames",
  example,
  read: readMark,
});

const readers: ReadonlyMap<string, ValueReader> = new Map(
  Object.entries<ValueReader>(
    {
      drop: share("1%"),
      dup: share("1%"),
      corrupt: share("0.1%"),
      delay: {
        sign: "=",
        what: "a time, or the least and the most",
        example: "50ms..200ms",
        read: (part) => readSpan(part, readTime),
      },
      reorder: {
        sign: "=",
        what: `a number of messages from 1 to ${MOST_PLACES}`,
        example: "3",
        read: readPlaces,
      },
      cut: {
        sign: "=",
        what: "a number of bytes from 1 on, or the least and the most",
        example: "1..3",
        read: (part) => readSpan(part, readCount),
      },
      reset: mark("1MiB"),
      pause: mark("frame:10"),
    } satisfies Record<FaultName, ValueReader>,
  ),
);

const EXAMPLES = `one of ${
  Array.from(
    readers,
    ([name, { sign, example }]) => `${name}${sign}${example}`,
  ).join(", ")
}, with toServer: or toClient: before it for one direction`;

function readShare(part: Part): number | undefined {
  const text = part.take(/\d+(?:\.\d+)?%/y);
  const value = text === undefined ? NaN : Number.parseFloat(text) / 100;
  return value <= 1 ? value : undefined;
}

function readCount(part: Part): number | undefined {
  const value = Number(part.take(/\d+/y));
  return value > 0 && Number.isSafeInteger(value) ? value : undefined;
}

function readPlaces(part: Part): number | undefined {
  const count = readCount(part);
  return count !== undefined && count <= MOST_PLACES ? count : undefined;
}

function readTime(part: Part): number | undefined {
  return millisecondsOf(part.take(/\d+(?:\.\d+)?[A-Za-z]*/y) ?? "");
}

function readMark(part: Part): Mark | undefined {
  if (part.take(/frame:/y) === undefined) {
    const count = sizeOf(part.take(/[\w.]+/y) ?? "");
    return count === undefined ? undefined : { unit: "bytes", count };
  }
  const count = Number(part.take(/\d+/y));
  return Number.isSafeInteger(count) ? { unit: "frames", count } : undefined;
}

function readSpan(
  part: Part,
  read: (part: Part) => number | undefined,
): Span | undefined {
  const from = read(part);
  const to = part.take(/\.\./y) === undefined ? from : read(part);
  return from !== undefined && to !== undefined && from <= to
    ? { from, to }
    : undefined;
}

/** One fault of an expression, as far as it has been read. */
class Part {
  readonly #expression: string;
  readonly #text: string;
  readonly #start: number;
  /** Where in the fault the next character is. */
  at = 0;

  constructor(expression: string, text: string, start: number) {
    this.#expression = expression;
    this.#text = text;
    this.#start = start;
  }

  get isOver(): boolean {
    return this.at === this.#text.length;
  }

  /** Takes what matches here, with a sticky pattern. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [match] = pattern.exec(this.#text) ?? [];
    if (match !== undefined) this.at = pattern.lastIndex;
    return match;
  }

  error(expected: string, at: number): UsageError {
    const got = this.#text.slice(at);
    return new UsageError(
      `Cannot read --fault ${JSON.stringify(this.#expression)} at character ${
        this.#start + at + 1
      }: expected ${expected}, got ${
        got === "" ? "nothing" : JSON.stringify(got)
      }`,
    );
  }
}
