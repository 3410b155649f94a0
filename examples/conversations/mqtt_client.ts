/** A client of MQTT 3.1.1: it acknowledges messages, as its own are (QoS 1). */

import { type AddressLike, createClient, handshake } from "../../mod.ts";
import {
  correlated,
  MessageError,
  Peer,
  typed,
} from "../../src/message/mod.ts";
import { mqtt } from "../../src/presets/mod.ts";
import * as packets from "./mqtt_packets.ts";

/** A connection. What is published has arrived when the promise resolves. */
export interface MqttClient extends AsyncDisposable {
  publish(topic: string, payload: Uint8Array): Promise<void>;
  subscribe(filter: string): Promise<void>;
}

const bodies = { input: typed<Uint8Array>(), output: typed<Uint8Array>() };
const names = { 3: "PUBLISH", 8: "SUBSCRIBE" } as const;
const commands = { PUBLISH: bodies, SUBSCRIBE: bodies };
// Both sides number their own messages. PUBACK and SUBACK have the numbers of ours.
const dialect = correlated(mqtt(), {
  idOf: packets.idOf,
  withId: packets.withId,
  isReply: (frame) => frame[0]! >> 4 !== 3,
  nameOf: () => "PUBLISH",
  errorOf: (frame) =>
    // of SUBACK
    frame[0] === 0x90 && frame[4] === 0x80
      ? new MessageError("REFUSED", "The broker refuses to subscribe")
      : undefined,
});

/** Connects, and takes the messages of all subscriptions. */
export async function mqttClient(
  address: AddressLike,
  take: (topic: string, payload: Uint8Array) => void = () => undefined,
): Promise<MqttClient> {
  const starting = await createClient({ address, codec: mqtt() });
  const connection = await handshake(starting, async (connection) => {
    await connection.send(packets.connect());
    const answer = await connection.receive();
    if (answer?.[3] !== 0) throw new Error(`Refused: ${answer?.[3]}`);
    return connection;
  });
  const peer = new Peer(dialect.open(connection), { commands });
  const hear = (frame: Uint8Array) => {
    take(packets.topicOf(frame), packets.payloadOf(frame));
    return packets.packet(4, 0, [0, 0]); // PUBACK
  };
  peer.on("PUBLISH", hear).onEvent("PUBLISH", hear); // QoS 1 and 0
  const ask = async (type: 3 | 8, ...parts: Iterable<number>[]) =>
    void await peer.request(names[type], packets.packet(type, 2, ...parts));
  return {
    publish: (topic, payload) => ask(3, packets.text(topic), [0, 0], payload),
    subscribe: (filter) => ask(8, [0, 0], packets.text(filter), [1]),
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
