/** A client of NATS: its core protocol, with replies to inboxes. */

import type { AddressLike, StandardSchema } from "../../mod.ts";
import { connectMessages, pipelined } from "../../src/message/mod.ts";
import { nats, type NatsMessage } from "../../src/presets/mod.ts";

type Bodies = Record<"input" | "output", StandardSchema<NatsMessage>>;
type Message = Extract<NatsMessage, { op: "MSG" }>;
type Listener = (message: Message) => void;

/** A connection. What is sent is on its way when the promise resolves. */
export interface NatsClient extends AsyncDisposable {
  publish(subject: string, data: Uint8Array, reply?: string): Promise<void>;
  subscribe(subject: string, listener: Listener): Promise<void>;
  /** Publishes, and waits for one message in answer. */
  request(subject: string, data: Uint8Array): Promise<Message>;
  /** Resolves when the server has handled all that was sent before. */
  flush(): Promise<void>;
}

// Only a PING has a reply. (With verbose, a PUB that is refused would have two.)
const dialect = pipelined(nats(), {
  eventOf: ({ op }) => op === "PONG" ? undefined : op,
});

/** Connects; `onRefused` is told what the server refuses. */
export async function natsClient(
  address: AddressLike,
  onRefused: (why: string) => void = console.error,
): Promise<NatsClient> {
  const options = { address, dialect };
  const peer = await connectMessages<Record<string, Bodies>>(options);
  const listeners: Listener[] = [];
  const waiting = new Map<string, Listener>();
  const ended = peer.closed.then(({ error }) => Promise.reject(error));
  ended.catch(() => undefined);
  const send = async (m: NatsMessage) => await peer.emit(m.op, m);
  peer.onEvent("PING", () => send({ op: "PONG" }));
  peer.onEvent("-ERR", (e) => e.op === "-ERR" && onRefused(e.error));
  peer.onEvent("MSG", (m) => m.op === "MSG" && listeners[+m.sid]?.(m));
  const subscribe: NatsClient["subscribe"] = (subject, listener) =>
    send({ op: "SUB", subject, sid: `${listeners.push(listener) - 1}` });
  const publish: NatsClient["publish"] = (subject, payload, reply = "") =>
    send({ op: "PUB", subject, payload, ...(reply && { reply }) });
  const flush = async () => void await peer.request("PING", { op: "PING" });
  await send({ op: "CONNECT", options: { verbose: false } });
  const inbox = `_INBOX.${crypto.randomUUID()}`;
  await subscribe(`${inbox}.*`, (m) => waiting.get(m.subject)?.(m));
  const request: NatsClient["request"] = async (subject, data) => {
    const reply = `${inbox}.${crypto.randomUUID()}`;
    const answer = new Promise<Message>((done) => waiting.set(reply, done));
    await publish(subject, data, reply);
    await Promise.race([answer, ended]).finally(() => waiting.delete(reply));
    return answer;
  };
  const close = () => peer.close();
  return { publish, subscribe, request, flush, [Symbol.asyncDispose]: close };
}
