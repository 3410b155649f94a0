/** Our client of NATS with its server. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import {
  type NatsClient,
  natsClient,
} from "../../examples/conversations/nats_client.ts";
import { connect, framed, NetError } from "../../mod.ts";
import { MessageError } from "../../src/message/mod.ts";
import { nats } from "../../src/presets/mod.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";
import { until } from "../support/until.ts";
import { killWithOpen } from "./kill_with_open.ts";
import { ways } from "./through.ts";

const numbers = (length: number) => Array.from({ length }, (_, n) => n);
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const start = () => NatsServer.start({ jetStream: false });

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => asked, MessageError)).code;
}

/** Settles when the server has handled all that the client has sent so far. */
async function handled(client: NatsClient): Promise<void> {
  assertEquals(await codeOf(client.request("nobody", encode(""))), "503");
}

/**
 * 100 requests under way at a time, with their replies from another client, 20 that
 * fail, 20 that nobody answers, and 100 messages between them.
 */
async function converse(client: NatsClient, other: NatsClient): Promise<void> {
  const heard: [string, string][] = [];
  client.subscribe("news.*", ({ subject, payload }) => {
    heard.push([subject, decode(payload)]);
  });
  other.answer("upper", ({ payload }) => encode(decode(payload).toUpperCase()));
  other.answer("fail", ({ payload }) => {
    throw new MessageError("NOT_TODAY", decode(payload));
  });
  await Promise.all([handled(client), handled(other)]);
  const asked = numbers(100).flatMap((n) => {
    // What ends a line, and what is a message
    const text = `a${n}\r\nPUB upper 0\r\n\r\n`;
    void client.publish(`news.${n}`, encode(`${n}`));
    const reply = client.request("upper", encode(text)).then((payload) =>
      assertEquals(decode(payload), text.toUpperCase())
    );
    if (n % 5 > 0) return [reply];
    return [
      reply,
      codeOf(client.request("nobody", encode("")))
        .then((code) => assertEquals(code, "503")),
      assertRejects(() => client.request("fail", encode(`${n}`)), MessageError)
        .then(({ code, message }) =>
          assertEquals([code, message], ["NOT_TODAY", `${n}`])
        ),
    ];
  });
  await Promise.all(asked);
  assertEquals(asked.length, 140);
  await until(() => heard.length >= 100);
  assertEquals(heard, numbers(100).map((n) => [`news.${n}`, `${n}`]));
}

for (const way of ways) {
  test(
    `natsClient() asks and answers through NATS ${way.name}`,
    needsNats,
    async () => {
      await using server = await start();
      await using route = await way.to(server.address);
      await using client = await natsClient(route.address);
      await using other = await natsClient(route.address);
      await converse(client, other);
    },
  );
}

test(
  "natsClient() rejects what is open when NATS is killed",
  needsNats,
  async () => {
    await using server = await start();
    await using client = await natsClient(server.address);
    await using other = await natsClient(server.address);
    await converse(client, other);
    await killWithOpen(server, () => client.request("upper", encode("a")));
    await using next = await natsClient(server.address);
    await using another = await natsClient(server.address);
    await converse(next, another);
  },
);

test(
  "natsClient() answers a request once, and hears a message once for each listener",
  needsNats,
  async () => {
    await using server = await start();
    await using client = await natsClient(server.address);
    await using first = await natsClient(server.address);
    await using second = await natsClient(server.address);
    const answered: string[] = [];
    const heard: string[] = [];
    for (
      const [name, each] of [["first", first], ["second", second]] as const
    ) {
      each.answer("share", ({ payload }) => {
        answered.push(`${name} ${decode(payload)}`);
        return payload;
      });
      each.subscribe(
        "share",
        ({ payload }) => void heard.push(decode(payload)),
      );
      each.subscribe(
        "share",
        ({ payload }) => void heard.push(decode(payload)),
      );
      await handled(each);
    }
    const asked = numbers(50).map((n) =>
      client.request("share", encode(`${n}`))
    );
    assertEquals(
      (await Promise.all(asked)).map(decode),
      numbers(50).map(String),
    );
    assertEquals(answered.length, 50);
    for (const name of ["first", "second"]) {
      assert(answered.some((line) => line.startsWith(name)));
    }
    await until(() => heard.length >= 200);
    assertEquals(
      heard.map(Number).sort((a, b) => a - b),
      numbers(200).map((n) => Math.floor(n / 4)),
    );
  },
);

test("natsClient() answers the pings of NATS", needsNats, async () => {
  await using server = await NatsServer.start({
    configure: () => 'ping_interval: "100ms"\nping_max: 1\n',
  });
  await using client = await natsClient(server.address);
  // One that does not answer is cut soon, and so is the next one.
  for (const _ of numbers(2)) {
    await using silent = framed(await connect(server.address), nats());
    await silent.send({ op: "CONNECT", options: { verbose: false } });
    const ops: string[] = [];
    for await (const { op } of silent) ops.push(op);
    assertEquals(ops, ["INFO", "PING", "-ERR"]);
  }
  await handled(client);
});

test(
  "natsClient() rejects where NATS lets nobody in, and with what it says",
  needsNats,
  async () => {
    await using server = await NatsServer.start({
      configure: () => 'authorization { token: "secret" }\n',
    });
    const error = await assertRejects(
      () => natsClient(server.address),
      MessageError,
    );
    assertEquals(error.message, "Authorization Violation");
  },
);

test(
  "natsClient() ends with an error of NATS, which is the cause of its requests' errors",
  needsNats,
  async () => {
    await using server = await start();
    await using client = await natsClient(server.address);
    // Not a subject to publish to
    const asked = numbers(5).map(() => client.request("a.*", encode("")));
    const errors = await Promise.all(
      asked.map((request) => assertRejects(() => request, NetError)),
    );
    assertEquals(new Set(errors).size, 5);
    for (const { cause } of errors) {
      assert(cause instanceof MessageError);
      assertEquals(cause.message, "Invalid Publish Subject");
    }
  },
);
