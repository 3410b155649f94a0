/** The bodies of messages of PostgreSQL that its client reads and writes. */

import { MessageError } from "../../src/message/mod.ts";
import type { PostgresMessage } from "../../src/presets/mod.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const int32 = (n: number) =>
  String.fromCharCode(n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255);

/** StartupMessage, version 3.0. */
export function startup(
  parameters: Readonly<Record<string, string>>,
): PostgresMessage {
  const pairs = Object.entries(parameters).flat().map((text) => `${text}\0`);
  return { type: "", body: bytesOf(`\0\x03\0\0${pairs.join("")}\0`) };
}

/** Whether AuthenticationSASL offers SCRAM-SHA-256. */
export function isSasl(body: Uint8Array): boolean {
  return body[3] === 10 && textOf(body).includes("SCRAM-SHA-256\0");
}

/** SASLInitialResponse, which begins with the mechanism, or SASLResponse. */
export function sasl(message: string, isFirst: boolean): PostgresMessage {
  const head = isFirst ? `SCRAM-SHA-256\0${int32(message.length)}` : "";
  return { type: "p", body: bytesOf(head + message) };
}

/** What AuthenticationSASLContinue and AuthenticationSASLFinal say. */
export function saslText(body: Uint8Array): string {
  return textOf(body.subarray(4));
}

/** Query. */
export function query(sql: string): PostgresMessage {
  return { type: "Q", body: bytesOf(`${sql}\0`) };
}

/** The columns of DataRow. */
export function row(body: Uint8Array): (string | null)[] {
  const view = new DataView(body.buffer, body.byteOffset);
  let at = 2;
  return Array.from({ length: view.getUint16(0) }, () => {
    const length = view.getInt32(at);
    const from = at += 4;
    if (length < 0) return null;
    return textOf(body.subarray(from, at += length));
  });
}

/** The error of ErrorResponse, with its SQLSTATE as the code. */
export function errorOf(
  { type, body }: PostgresMessage,
): MessageError | undefined {
  if (type !== "E") return undefined;
  const parts = textOf(body).split("\0");
  const part = (mark: string) => parts.find((each) => each[0] === mark);
  return new MessageError(part("C")?.slice(1) ?? "", part("M")?.slice(1) ?? "");
}
