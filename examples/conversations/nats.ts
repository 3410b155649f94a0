/** What a client of NATS says to its server, as a dialect: requests over an inbox. */

import type { StandardSchema } from "../../mod.ts";
import * as messages from "../../src/message/mod.ts";
import { nats, type NatsMessage } from "../../src/presets/mod.ts";

/** What subscriptions get. */
export type Message = NatsMessage & { readonly op: "MSG" };

/** Bodies are whole messages. */
export type NatsCommands = Readonly<
  Record<string, Record<"input" | "output", StandardSchema<NatsMessage>>>
>;

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes?: Uint8Array) => new TextDecoder().decode(bytes);

/** What headers say that nobody answers (503), or the code of an error. */
const status = /^NATS\/1\.0(?: |\r\nNats-Service-Error-Code: )(\w+)\r/;

/**
 * The dialect of a client. A message is a reply in the subscription `inbox`, a request
 * in those whose names begin with `answer`, and an event in all others.
 *
 * @param inbox The subject before the ids of requests. Those of others have ids, too:
 * the subjects that their replies are published to.
 */
export function natsDialect(inbox: string): messages.Dialect<NatsMessage> {
  return messages.correlated<NatsMessage, number | string>(nats(), {
    idOf(message) {
      const { sid, subject, reply } = message as Message;
      if (sid === "inbox") return Number(subject.slice(inbox.length));
      return sid?.startsWith("answer") ? reply : undefined;
    },
    isReply: (message) => (message as Message).sid === "inbox",
    withId: (message, id) =>
      typeof id === "number"
        ? { ...message, reply: `${inbox}${id}` }
        : { ...message, subject: id },
    nameOf: (message) => message.op === "MSG" ? message.sid : message.op,
    errorOf(message) {
      const { headers, payload } = message as Message;
      const [, code] = status.exec(decode(headers)) ?? [];
      if (code === undefined) return undefined;
      return new messages.MessageError(code, decode(payload));
    },
    failed: ({ code, message }) => ({
      op: "PUB",
      subject: "", // put in with the id
      headers: encode(`NATS/1.0\r\nNats-Service-Error-Code: ${code}\r\n\r\n`),
      payload: encode(message),
    }),
  });
}
