/** Our client of NATS with NATS itself. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  type NatsClient,
  natsClient,
} from "../../examples/conversations/nats_client.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import { ways } from "./through.ts";

const { skip } = needsNats;
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (payload: Uint8Array) => new TextDecoder().decode(payload);
const numbers = Array.from({ length: 60 }, (_, n) => n);
// What ends a line, and what looks like a message
const text = (n: number) => `${n}\r\nMSG a 1 1\r\n+OK\r\n`;

/** 60 messages and 60 requests, each published, delivered and acknowledged. */
async function converse(asking: NatsClient, answering: NatsClient) {
  const heard: string[] = [];
  await answering.subscribe("news.>", ({ subject, payload }) => {
    heard.push(`${subject} ${textOf(payload)}`);
  });
  await answering.subscribe("upper", ({ reply, payload }) => {
    void answering.publish(reply!, bytes(textOf(payload).toUpperCase()));
  });
  await answering.flush();
  await Promise.all(
    numbers.map((n) => asking.publish(`news.${n}`, bytes(text(n)))),
  );
  const replies = await Promise.all(
    numbers.map((n) => asking.request("upper", bytes(`${text(n)}ä`))),
  );
  assertEquals(
    replies.map(({ payload }) => textOf(payload)),
    numbers.map((n) => `${text(n)}Ä`.toUpperCase()),
  );
  await until(() => heard.length >= numbers.length);
  assertEquals(heard, numbers.map((n) => `news.${n} ${text(n)}`));
}

for (const way of ways) {
  test(`natsClient() talks over NATS ${way.name}`, { skip }, async () => {
    await using server = await NatsServer.start();
    await using route = await way.to(server.address);
    await using asking = await natsClient(route.address);
    await using answering = await natsClient(route.address);
    await converse(asking, answering);
  });
}

test("natsClient() tells what the server refuses, and goes on", {
  skip,
}, async () => {
  await using server = await NatsServer.start();
  const refused: string[] = [];
  await using client = await natsClient(
    server.address,
    (error) => refused.push(error),
  );
  await client.publish("a..b", bytes("x"));
  await client.subscribe("a..b", () => undefined);
  await client.flush();
  assertEquals(refused, ["Invalid Publish Subject", "Invalid Subject"]);
});

test("natsClient() rejects what is open when NATS is killed", {
  skip,
}, async () => {
  await using server = await NatsServer.start();
  await using client = await natsClient(server.address);
  await killWithOpen(server, () => client.flush());
  await using next = await natsClient(server.address);
  await next.flush();
});
