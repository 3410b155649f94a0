import { MAX_JSON_DEPTH } from "../../defaults.ts";
import { Refused } from "../bytes/recovery.ts";
import { FrameError } from "../errors.ts";
import { isTooDeep } from "./json_depth.ts";
import {
  describeIssue,
  type StandardSchema,
  validate,
} from "./standard_schema.ts";

/** The decoder of JSON: RFC 8259 asks for UTF-8. */
export const jsonDecoder: TextDecoder = new TextDecoder("utf-8", {
  fatal: true,
});
const textEncoder = new TextEncoder();

/** Parses JSON in UTF-8; `offset` is that of the frame, for errors. */
export function readJson(bytes: Uint8Array, offset: number): unknown {
  let text: string;
  try {
    text = jsonDecoder.decode(bytes);
  } catch (cause) {
    throw notJson(cause, offset);
  }
  return parseJson(text, offset);
}

/** Parses JSON; `offset` is that of the frame, for errors. */
export function parseJson(text: string, offset: number): unknown {
  try {
    return parseOrRefuse(text, offset);
  } catch (refused) {
    throw refused instanceof Refused ? refused.refusal() : refused;
  }
}

/** Parses JSON; throws `Refused` where there is none. */
export function parseOrRefuse(text: string, offset: number): unknown {
  if (isTooDeep(text)) throw new Refused(() => tooDeep(offset));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refused(() => notJson(cause, offset));
  }
}

/** The error of a frame that is not JSON. */
export function notJson(cause: unknown, offset: number): FrameError {
  return new FrameError("MESSAGE_INVALID", {
    reason: "The message is not JSON",
    offset,
    expected: "JSON in UTF-8",
    got: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

function tooDeep(offset?: number): FrameError {
  return new FrameError("MESSAGE_INVALID", {
    reason: "The message is nested too deeply",
    offset,
    expected: `at most ${MAX_JSON_DEPTH} levels`,
    got: "more",
  });
}

/** Parses JSON in UTF-8, and validates it if there is a schema. */
export function readMessage(
  bytes: Uint8Array,
  offset: number,
  schema?: StandardSchema,
): unknown {
  return validMessage(readJson(bytes, offset), offset, schema);
}

/** Validates what was parsed, if there is a schema. */
export function validMessage(
  value: unknown,
  offset: number,
  schema?: StandardSchema,
): unknown {
  if (schema === undefined) return value;
  const result = validate(schema, value);
  if (result.issues === undefined) return result.value;
  throw new FrameError("MESSAGE_INVALID", {
    reason: "The message is not valid",
    offset,
    expected: "a message of the schema",
    got: result.issues.map(describeIssue).join("; "),
  });
}

/** Serializes a value to JSON in UTF-8. */
export function writeJson(value: unknown): Uint8Array {
  return textEncoder.encode(printJson(value));
}

/** Serializes a value to JSON. */
export function printJson(value: unknown): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // A cycle, a bigint, or so many levels that the stack is full.
    cause = error;
  }
  if (text === undefined) {
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The message cannot become JSON",
      expected: "a JSON value",
      got: cause instanceof Error ? cause.message : typeof value,
      cause,
    });
  }
  if (isTooDeep(text)) throw tooDeep();
  return text;
}
