/** The bodies of messages of PostgreSQL that its client reads and writes. */

import { MessageError } from "../../src/message/mod.ts";
import type { PostgresMessage } from "../../src/presets/mod.ts";

/** The bytes of a text. */
export const bytesOf = (text: string): Uint8Array =>
  new TextEncoder().encode(text);

/** The text of bytes. */
export const textOf = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes);

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

/** The channel and the payload of NotificationResponse. */
export function notification(body: Uint8Array): [string, string] {
  const [channel = "", payload = ""] = textOf(body.subarray(4)).split("\0");
  return [channel, payload];
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
