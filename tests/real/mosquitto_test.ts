/** Our client of MQTT with Mosquitto. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { mqttClient } from "../../examples/conversations/mqtt_client.ts";
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

test("mqttClient() rejects what is open when Mosquitto is killed", {
  skip,
}, async () => {
  await using server = await startMosquitto();
  await using client = await mqttClient(server.address);
  await killWithOpen(server, (n) => client.publish("a", payload(n)));
  await using next = await mqttClient(server.address);
  await next.publish("a", payload(1));
});
