/** A client of NATS: it publishes, subscribes, asks and answers. */

import { type AddressLike, NetError } from "../../mod.ts";
import { connectMessages, MessageError } from "../../src/message/mod.ts";
import { type Message, type NatsCommands, natsDialect } from "./nats.ts";

/** A connection. It ends with any `-ERR`, which does not say what it is about. */
export interface NatsClient extends AsyncDisposable {
  publish(subject: string, payload: Uint8Array): Promise<void> | undefined;
  /** Rejects with the code `503` where nobody answers. */
  request(subject: string, payload: Uint8Array): Promise<Uint8Array>;
  subscribe(subject: string, listener: (message: Message) => void): void;
  /** Answers requests, each of which goes to one of those that answer. */
  answer(subject: string, handler: (asked: Message) => Uint8Array): void;
}

/** Connects. Not `verbose`: each message would be answered with `+OK`, without an id. */
export async function natsClient(address: AddressLike): Promise<NatsClient> {
  const inbox = `_INBOX.${crypto.randomUUID()}.`;
  const dialect = natsDialect(inbox);
  const peer = await connectMessages<NatsCommands>({ address, dialect });
  peer.onEvent("-ERR", (message) => {
    const { error } = message as { error: string };
    peer.abort(new MessageError("NATS", error));
  });
  peer.onEvent("PING", () => peer.emit("PONG", { op: "PONG" }));
  const pong = new Promise((resolve) => peer.onEvent("PONG", resolve));
  const options = { verbose: false, headers: true, no_responders: true };
  await peer.emit("CONNECT", { op: "CONNECT", options });
  await peer.emit("SUB", { op: "SUB", subject: `${inbox}*`, sid: "inbox" });
  await peer.emit("PING", { op: "PING" });
  const ended = peer.closed.then(({ error }) => {
    throw error ?? new NetError("CONNECTION_CLOSED", "There was no PONG");
  });
  await Promise.race([pong, ended]);
  return {
    publish: (subject, payload) =>
      peer.emit("PUB", { op: "PUB", subject, payload }),
    async request(subject, payload) {
      const reply = await peer.request("PUB", { op: "PUB", subject, payload });
      return (reply as Message).payload;
    },
    subscribe(subject, listener) {
      const sid = `event:${subject}`;
      peer.onEvent(sid, (message) => listener(message as Message));
      void peer.emit("SUB", { op: "SUB", subject, sid });
    },
    answer(subject, handler) {
      const sid = `answer:${subject}`;
      peer.on(sid, (message) => {
        const payload = handler(message as Message);
        return { op: "PUB", subject: "", payload }; // the subject is the id
      });
      void peer.emit("SUB", { op: "SUB", subject, queue: "answer", sid });
    },
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
