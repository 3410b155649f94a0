/** A client of MQTT 3.1.1: subscriptions, and messages that are acknowledged (QoS 1). */

import { type AddressLike, createClient, handshake } from "../../mod.ts";
import { correlated, Peer, typed } from "../../src/message/mod.ts";
import { mqtt } from "../../src/presets/mod.ts";
import * as packets from "./mqtt_packets.ts";

/** A connection. What is published has arrived when the promise resolves. */
export interface MqttClient extends AsyncDisposable {
  publish(topic: string, payload: Uint8Array): Promise<void>;
  subscribe(filter: string): Promise<void>;
}

const bodies = { input: typed<Uint8Array>(), output: typed<Uint8Array>() };
const commands = { PUBLISH: bodies, SUBSCRIBE: bodies };
// Both sides number their own messages. PUBACK and SUBACK have the numbers of ours.
const dialect = correlated(mqtt(), {
  idOf: packets.idOf,
  withId: packets.withId,
  isReply: (frame) => frame[0]! >> 4 !== 3,
  nameOf: () => "PUBLISH",
});

/** Connects, and takes the messages of all subscriptions. */
export async function mqttClient(
  address: AddressLike,
  take: (topic: string, payload: Uint8Array) => void = () => undefined,
): Promise<MqttClient> {
  const connection = await handshake(
    await createClient({ address, codec: mqtt() }),
    async (connection) => {
      await connection.send(packets.connect());
      const answer = await connection.receive();
      if (answer?.[3] !== 0) throw new Error(`Refused: ${answer?.[3]}`);
      return connection;
    },
  );
  const peer = new Peer(dialect.open(connection), { commands });
  peer.on("PUBLISH", (frame) => {
    take(packets.topicOf(frame), packets.payloadOf(frame));
    return packets.packet(4, 0, [0, 0]); // PUBACK
  });
  const ask = async (name: keyof typeof commands, frame: Uint8Array) =>
    void await peer.request(name, frame);
  return {
    publish: (topic, payload) =>
      ask(
        "PUBLISH",
        packets.packet(3, 2, packets.text(topic), [0, 0], payload),
      ),
    subscribe: (filter) =>
      ask("SUBSCRIBE", packets.packet(8, 2, [0, 0], packets.text(filter), [1])),
    [Symbol.asyncDispose]: () => peer.close(),
  };
}
