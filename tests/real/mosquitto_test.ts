/** Our client of MQTT with Mosquitto. */

import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { mqttClient } from "../../examples/conversations/mqtt_client.ts";
import * as packets from "../../examples/conversations/mqtt_packets.ts";
import { connect, framed, serve } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { mqtt } from "../../src/presets/mod.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import { noMosquitto as skip, startMosquitto } from "./servers/mosquitto.ts";
import { ways } from "./through.ts";

const numbers = Array.from({ length: 100 }, (_, n) => n);
const payload = (n: number) => Uint8Array.of(n, 0x40, 2, 0, n, 0x30, 0xd0, 0);

for (const way of ways) {
  test(`mqttClient() publishes and hears over Mosquitto ${way.name}`, {
    skip,
  }, async () => {
    await using server = await startMosquitto();
    await using route = await way.to(server.address);
    const heard: [string, ...number[]][] = [];
    await using hearing = await mqttClient(
      route.address,
      (topic, bytes) => heard.push([topic, ...bytes]),
    );
    await Promise.all(["a/+", "ä"].map((filter) => hearing.subscribe(filter)));
    await using publishing = await mqttClient(route.address);
    await Promise.all(
      numbers.map((n) =>
        publishing.publish(n % 2 === 0 ? `a/${n}` : "ä", payload(n))
      ),
    );
    await until(() => heard.length >= numbers.length);
    assertEquals(
      heard,
      numbers.map((n) => [n % 2 === 0 ? `a/${n}` : "ä", ...payload(n)]),
    );
  });
}

test(
  "mqttClient() hears what is published without acknowledgements",
  { skip },
  async () => {
    await using server = await startMosquitto();
    const heard: [string, ...number[]][] = [];
    await using hearing = await mqttClient(
      server.address,
      (topic, bytes) => heard.push([topic, ...bytes]),
    );
    await hearing.subscribe("a");
    await using publishing = framed(await connect(server.address), mqtt());
    await publishing.send(packets.connect());
    await publishing.receive();
    const topic = packets.text("a");
    for (const n of numbers) {
      // QoS 0 and 1 in turn, with payloads down to none
      const id = n % 2 === 0 ? [] : [0, n];
      const rest = payload(n).subarray(0, n % 4);
      await publishing.send(packets.packet(3, n % 2 * 2, topic, id, rest));
    }
    await until(() => heard.length >= numbers.length);
    // Those of QoS 1 that wait for acknowledgements are overtaken by others.
    const sent = numbers.map((n) => ["a", ...payload(n).subarray(0, n % 4)]);
    for (const qos of [0, 1]) {
      const isOf = ([, n = 0]: unknown[]) => Number(n) % 2 === qos;
      assertEquals(heard.filter(isOf), sent.filter(isOf));
    }
  },
);

// Mosquitto without plugins refuses no subscription in this way.
test("mqttClient() rejects a subscription that the broker refuses", async () => {
  await using broker = await serve(
    { address: { port: 0 }, codec: mqtt() },
    (connection) =>
      connection.forEach((frame) =>
        connection.send(
          frame[0]! >> 4 === 1
            ? packets.packet(2, 0, [0, 0])
            : packets.packet(9, 0, frame.subarray(2, 4), [0x80]),
        )
      ),
  );
  await using client = await mqttClient(broker.address);
  const error = await assertRejects(() => client.subscribe("a"), MessageError);
  assertEquals(error.code, "REFUSED");
});

test("mqttClient() rejects what is open when Mosquitto is killed", {
  skip,
}, async () => {
  await using server = await startMosquitto();
  await using client = await mqttClient(server.address);
  await killWithOpen(server, (n) => client.publish("a", payload(n)));
  await using next = await mqttClient(server.address);
  await next.publish("a", payload(1));
});
