/** A client of STOMP 1.2, whose frames are acknowledged by receipts. */

import { type AddressLike, createClient, handshake } from "../../mod.ts";
import { Peer, typed } from "../../src/message/mod.ts";
import { stomp, type StompFrame } from "../../src/presets/mod.ts";
import { dialect, errorOf, frameOf } from "./stomp.ts";

/**
 * A connection. What is sent has been taken when the promise resolves. An error of the
 * broker ends it, and is the cause of the errors of all that is open.
 */
export interface StompClient extends AsyncDisposable {
  send(destination: string, body: Uint8Array): Promise<void>;
  subscribe(destination: string): Promise<void>;
}

const both = { input: typed<StompFrame>(), output: typed<StompFrame>() };
const commands = { SEND: both, MESSAGE: both, ERROR: both };
/** Connects; `take` gets the messages of all subscriptions. */
export async function stompClient(
  address: AddressLike,
  login: Readonly<Record<"login" | "passcode" | "host", string>>,
  take: (message: StompFrame) => void = () => undefined,
): Promise<StompClient> {
  const starting = await createClient({ address, codec: stomp() });
  const connection = await handshake(starting, async (connection) => {
    const fields = { "accept-version": "1.2", ...login };
    await connection.send(frameOf("CONNECT", fields));
    const answer = await connection.receive();
    if (answer?.command === "CONNECTED") return connection;
    throw answer && errorOf(answer) || new Error("No CONNECTED");
  });
  const peer = new Peer(dialect.open(connection), { commands });
  peer.onEvent("MESSAGE", take);
  // An ERROR that names no frame: RabbitMQ leaves the connection open behind some.
  peer.onEvent("ERROR", (frame) => connection.abort(errorOf(frame)));
  const ask = (frame: StompFrame) =>
    peer.request("SEND", frame).then(() => undefined);
  return {
    send: (destination, body) => ask(frameOf("SEND", { destination }, body)),
    subscribe: (destination) =>
      ask(frameOf("SUBSCRIBE", { destination, id: destination })),
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
