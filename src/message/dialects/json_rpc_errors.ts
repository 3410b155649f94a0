import { isObject } from "../../checks.ts";
import type { JsonValue } from "../../codec/views/json.ts";

/** The object `error` of a response. */
export type JsonRpcError = {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue;
};

export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
/** The first of the codes that are for the implementations of servers. */
const SERVER_ERROR = -32_000;

/** The codes that both sides know: those of JSON-RPC, and one of LSP. */
const NUMBERS: Readonly<Record<string, number>> = {
  PARSE_ERROR,
  INVALID_REQUEST,
  NO_HANDLER: -32_601,
  BODY_INVALID: -32_602,
  HANDLER_FAILED: -32_603,
  CANCELLED: -32_800,
};

const names = new Map(
  Object.entries(NUMBERS).map(([name, number]) => [number, name]),
);

/**
 * The error object of a code of this module. A code that is a number in digits is that
 * number. Another one that JSON-RPC has no number for goes with the data.
 */
export function errorObject(
  code: string,
  message: string,
  data: JsonValue,
): JsonRpcError {
  const number = Object.hasOwn(NUMBERS, code)
    ? NUMBERS[code]
    : /^-?\d{1,15}$/.test(code)
    ? Number(code)
    : undefined;
  if (number === undefined) {
    return { code: SERVER_ERROR, message, data: { code, data } };
  }
  return data === null
    ? { code: number, message }
    : { code: number, message, data };
}

/** The code, the message and the data of an error object, whatever it has in it. */
export function readError(
  error: unknown,
): readonly [code: string, message: string, data: JsonValue] {
  if (!isObject(error)) {
    return ["INVALID_REQUEST", "The error is no object", error as JsonValue];
  }
  const { code, message, data = null } = error;
  const text = String(message);
  if (
    code === SERVER_ERROR && isObject(data) && typeof data["code"] === "string"
  ) {
    return [data["code"], text, (data["data"] ?? null) as JsonValue];
  }
  return [names.get(code as number) ?? String(code), text, data as JsonValue];
}
