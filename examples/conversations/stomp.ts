/** What a client of STOMP sends, and its dialect: receipts are replies. */

import {
  correlated,
  type Dialect,
  MessageError,
} from "../../src/message/mod.ts";
import { stomp, type StompFrame } from "../../src/presets/mod.ts";

/** A frame with a length, since a body may have zero bytes in it. */
export const frameOf = (
  command: StompFrame["command"],
  headers: StompFrame["headers"],
  body: Uint8Array = new Uint8Array(),
): StompFrame => ({
  command,
  headers: { ...headers, "content-length": `${body.length}` },
  body,
});

/** What an ERROR says. */
export const errorOf = (
  { command, headers: { message = "" } }: StompFrame,
): MessageError | undefined =>
  command === "ERROR" ? new MessageError("STOMP", message) : undefined;

/** A RECEIPT, and perhaps an ERROR, has the id that its frame had asked for. */
export const dialect: Dialect<StompFrame> = correlated<StompFrame, string>(
  stomp(),
  {
    idOf: ({ headers }) => headers["receipt-id"],
    withId: (frame, receipt) =>
      Object.assign({}, frame, { headers: { ...frame.headers, receipt } }),
    nextId: (last = "0") => `${Number(last) + 1}`,
    nameOf: ({ command }) => command,
    errorOf,
  },
);
