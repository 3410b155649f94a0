import { FrameError } from "../codec/errors.ts";
import type { FrameInput, FrameRead } from "../codec/types.ts";
import {
  DOUBLE,
  FORMAT,
  INTEGER,
  invalid,
  isInt64,
  MARKS,
  type RespPairs,
  type RespValue,
} from "./resp_values.ts";

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads one value, or the empty line between two. */
export function* readFrame(
  input: FrameInput,
): FrameRead<RespValue | undefined> {
  const line = yield* input.until("\r\n");
  return line.length === 0 ? undefined : yield* readValue(input, line);
}

/** Reads one value, with all that is within it, whose first line may be read. */
function* readValue(
  input: FrameInput,
  firstLine?: Uint8Array,
): FrameRead<RespValue> {
  const line = firstLine ?? (yield* input.until("\r\n"));
  const mark = String.fromCharCode(line[0] ?? 0);
  switch (mark) {
    case "$": {
      if (isMinusOne(line)) return { type: "bulk", value: null };
      const bytes = yield* input.bytes(lengthOf(line) + 2);
      return { type: "bulk", value: bulkOf(bytes) };
    }
    case "!": {
      const bytes = yield* input.bytes(lengthOf(line) + 2);
      return { type: "bulkError", value: bulkOf(bytes) };
    }
    case "=":
      return verbatim(bulkOf(yield* input.bytes(lengthOf(line) + 2)));
    case "*":
      if (isMinusOne(line)) return { type: "array", value: null };
      return { type: "array", value: yield* readList(input, line) };
    case "~":
      return { type: "set", value: yield* readList(input, line) };
    case ">":
      return { type: "push", value: yield* readList(input, line) };
    case "%":
      return { type: "map", value: yield* readPairs(input, line) };
    case "|": {
      const attributes = yield* readPairs(input, line);
      const value = yield* input.nested(readValue(input));
      return { type: "attributed", attributes, value };
    }
    default:
      return valueOfLine(mark, line);
  }
}

/** Returns the bytes before a line end. */
function bulkOf(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 2;
  if (bytes[end] === 0x0d && bytes[end + 1] === 0x0a) {
    return bytes.subarray(0, end);
  }
  throw new FrameError("MARK_INVALID", {
    reason: "The line end behind a string is missing",
    expected: "0d 0a",
    got: "other bytes",
  });
}

function* readList(
  input: FrameInput,
  line: Uint8Array,
): FrameRead<RespValue[]> {
  const values: RespValue[] = [];
  for (let left = lengthOf(line); left > 0; left--) {
    values.push(yield* input.nested(readValue(input)));
  }
  return values;
}

function* readPairs(input: FrameInput, line: Uint8Array): FrameRead<RespPairs> {
  const pairs: [RespValue, RespValue][] = [];
  for (let left = lengthOf(line); left > 0; left--) {
    const key = yield* input.nested(readValue(input));
    pairs.push([key, yield* input.nested(readValue(input))]);
  }
  return pairs;
}

/** Returns the value of a type that takes one line. */
function valueOfLine(mark: string, line: Uint8Array): RespValue {
  const text = textDecoder.decode(line.subarray(1));
  switch (mark) {
    case "+":
    case "-":
      if (line.includes(0x0d) || line.includes(0x0a)) {
        throw new FrameError("MARK_INVALID", {
          reason: "A text has half a line end in it",
          expected: "0d 0a at its end only",
          got: JSON.stringify(text),
        });
      }
      return { type: mark === "+" ? "string" : "error", value: text };
    case ":":
      return { type: "integer", value: integerOf("integer", text) };
    case "(":
      return { type: "bigNumber", value: integerOf("bigNumber", text) };
    case "_":
      if (text !== "") throw invalid("null", text);
      return { type: "null", value: null };
    case "#":
      if (text !== "t" && text !== "f") throw invalid("boolean", text);
      return { type: "boolean", value: text === "t" };
    case ",":
      return { type: "double", value: doubleOf(text) };
    default:
      throw new FrameError("HEADER_INVALID", {
        reason: "The value begins with no type",
        expected: `one of ${Object.values(MARKS).join(" ")}`,
        got: JSON.stringify(mark),
      });
  }
}

function verbatim(bytes: Uint8Array): RespValue {
  const format = textDecoder.decode(bytes.subarray(0, 3));
  if (!FORMAT.test(format) || bytes[3] !== 0x3a) {
    throw invalid("verbatim", `${format}...`);
  }
  return { type: "verbatim", format, value: bytes.subarray(4) };
}

function integerOf(
  type: "integer" | "bigNumber",
  text: string,
): number | bigint {
  if (!INTEGER.test(text)) throw invalid(type, text);
  const number = Number(text);
  // Not the -0 that "-0" gives.
  if (Number.isSafeInteger(number)) return number + 0;
  const value = BigInt(text.replace("+", ""));
  if (type === "integer" && !isInt64(value)) throw invalid(type, text);
  return value;
}

function doubleOf(text: string): number {
  if (text === "inf") return Infinity;
  if (text === "-inf") return -Infinity;
  // Redis 7.0 writes the sign that 0/0 has on its machine.
  if (text === "nan" || text === "-nan") return NaN;
  if (!DOUBLE.test(text)) throw invalid("double", text);
  return Number(text);
}

function lengthOf(line: Uint8Array): number {
  let length = line.length > 1 ? 0 : NaN;
  for (let i = 1; i < line.length; i++) {
    const digit = line[i]! - 0x30;
    length = digit >= 0 && digit <= 9 ? length * 10 + digit : NaN;
  }
  if (length >= 0) return length;
  throw new FrameError("LENGTH_INVALID", {
    reason: "The length is not a number",
    expected: "decimal digits",
    got: JSON.stringify(textDecoder.decode(line.subarray(1))),
  });
}

/** Whether a length is the -1 of RESP2's nulls. */
function isMinusOne(line: Uint8Array): boolean {
  return line.length === 3 && line[1] === 0x2d && line[2] === 0x31;
}
