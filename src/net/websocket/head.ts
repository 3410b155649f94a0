import { MAX_HEADER_LENGTH } from "../../defaults.ts";
import { NetError } from "../errors.ts";
import type { OpeningFormat } from "../opening_reader.ts";

/** The head of a request or a response of HTTP/1.1. */
export interface Head {
  /** The three parts of its first line. */
  readonly start: readonly [string, string, string];
  /** The fields, their names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * How the head is read that a connection begins with. It is refused with `WS_PROTOCOL`
 * where it is none, or longer than 8 KiB, and with `WS_TRUNCATED` where it is not whole.
 */
export const headFormat: OpeningFormat<Head> = {
  read(bytes, before) {
    const end = endOf(bytes, Math.max(0, before - 3));
    if ((end ?? bytes.length) > MAX_HEADER_LENGTH) {
      throw notHttp("its head is too long");
    }
    if (end === undefined) return undefined;
    return { value: parseHead(bytes.subarray(0, end)), length: end };
  },
  ended: () =>
    new NetError(
      "WS_TRUNCATED",
      "The peer ended the connection in the opening handshake of WebSocket",
    ),
};

/** Where the empty line of a head ends. */
function endOf(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at + 4 <= bytes.length; at++) {
    const isEnd = bytes[at] === CR && bytes[at + 1] === LF &&
      bytes[at + 2] === CR && bytes[at + 3] === LF;
    if (isEnd) return at + 4;
  }
  return undefined;
}

const CR = 13;
const LF = 10;

/** A name (RFC 9110, section 5.6.2), and a value without control characters. */
const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):([\t -~\x80-\xff]*)$/;

/**
 * Reads a head.
 *
 * @throws {NetError} `WS_PROTOCOL` if it is none of HTTP/1.1.
 */
export function parseHead(bytes: Uint8Array): Head {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const [first = "", ...lines] = text.slice(0, -4).split("\r\n");
  const start = /^(\S+) (\S+)(?: (.*))?$/.exec(first);
  if (start === null) throw notHttp(`it begins with ${quoted(first)}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, given = "", value = ""] = FIELD.exec(line) ?? [];
    if (given === "") throw notHttp(`${quoted(line)} is no field`);
    const name = given.toLowerCase();
    const before = fields.get(name);
    const trimmed = value.trim();
    fields.set(name, before === undefined ? trimmed : `${before}, ${trimmed}`);
  }
  return { start: [start[1]!, start[2]!, start[3] ?? ""], fields };
}

/** Whether a field has a token in its list, in whatever case. */
export function hasToken(
  { fields }: Pick<Head, "fields">,
  name: string,
  token: string,
): boolean {
  const list = fields.get(name)?.toLowerCase().split(",") ?? [];
  return list.some((item) => item.trim() === token);
}

function notHttp(why: string): NetError {
  return new NetError(
    "WS_PROTOCOL",
    `The peer does not speak HTTP/1.1: ${why}`,
  );
}

/** The beginning of what a peer sent, for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
