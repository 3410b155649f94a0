/** Topics and services over a server that is killed in the middle, and started again. */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { test } from "node:test";
import {
  createClient,
  lines,
  NetError,
  serve,
  type Server,
  type ServerConnection,
} from "../../mod.ts";
import { type Backplane, createBackplane } from "../../src/backplane/mod.ts";
import { connectService, serveMessages } from "../../src/message/mod.ts";
import { servers, type TestSystem } from "../support/systems.ts";
import { until } from "../support/until.ts";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills the server and starts it again. */
async function outage(
  system: TestSystem,
  nodes: readonly Backplane[],
): Promise<void> {
  await system.cut();
  await until(() => nodes.every(({ state }) => state === "down"));
  await system.restore();
  await until(() => nodes.every(({ state }) => state === "up"));
}

/** A server of lines whose connections are all subscribed to one topic. */
async function subscribedServer(backplane: Backplane) {
  const server = await serve({
    address: { port: 0 },
    codec: lines(),
    backplane,
    topics: { delivery: "kept" },
  }, async (connection: ServerConnection<string>) => {
    await connection.subscribe("news");
    await connection.send("subscribed");
    await connection.forEach(() => undefined);
  });
  const client = await createClient({
    address: server.address,
    codec: lines(),
  });
  assertEquals(await client.receive(), "subscribed");
  const heard: string[] = [];
  const ended = client.forEach((line) => void heard.push(line));
  return {
    server,
    heard,
    async [Symbol.asyncDispose]() {
      await client.close();
      await ended;
      await server.close();
    },
  };
}

/** What became of the messages that a server published. */
class Published {
  readonly accepted: string[] = [];
  readonly refused: string[] = [];
  /** While the server went away: they may have been added. */
  readonly unsure: string[] = [];

  async run(
    server: Server<string>,
    backplane: Backplane,
    name: string,
    isDone: () => boolean,
  ): Promise<void> {
    for (let i = 0; !isDone(); i++) {
      const text = `${name} ${i}`;
      const wasDown = backplane.state === "down";
      try {
        await server.publish("news", text);
        this.accepted.push(text);
      } catch (error) {
        assertInstanceOf(error, NetError);
        assertEquals(error.code, "UNAVAILABLE");
        (wasDown ? this.refused : this.unsure).push(text);
        await wait(2);
      }
    }
  }
}

for (const { name, needs, start } of servers) {
  test(
    `publish() reaches readers on all servers once and in one order, over an outage [${name}]`,
    needs,
    async () => {
      await using system = await start();
      await using a = await createBackplane(await system.engine());
      await using b = await createBackplane(await system.engine());
      await using one = await subscribedServer(a);
      await using two = await subscribedServer(b);
      const published = new Published();
      const { accepted, refused, unsure } = published;
      let isDone = false;
      const publishing = Promise.all([
        published.run(one.server, a, "a", () => isDone),
        published.run(two.server, b, "b", () => isDone),
      ]);
      await until(() => accepted.length > 100);
      await outage(system, [a, b]);
      const { length } = accepted;
      await until(() => accepted.length > length + 100);
      isDone = true;
      await publishing;
      await one.server.publish("news", "end");
      for (const { heard } of [one, two]) {
        await until(() => heard.includes("end"));
      }
      assertEquals(one.heard, two.heard);
      const given = new Set(one.heard);
      assertEquals(given.size, one.heard.length);
      for (const text of accepted) assert(given.has(text), text);
      for (const text of refused) assert(!given.has(text), text);
      assert(refused.length > 0);
      assert(given.size <= accepted.length + unsure.length + 1);
    },
  );

  test(
    `requests over three nodes settle once each in an outage, and work again after it [${name}]`,
    needs,
    async () => {
      await using system = await start();
      const service = "doubler";
      const calls = new Map<number, number>();
      const nodes: Backplane[] = [];
      const handlers = {
        async double(n: unknown) {
          calls.set(Number(n), (calls.get(Number(n)) ?? 0) + 1);
          await wait(Number(n) % 300);
          return Number(n) * 2;
        },
      };
      const opened: AsyncDisposable[] = [];
      await using _opened = {
        async [Symbol.asyncDispose]() {
          for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
        },
      };
      for (let i = 0; i < 3; i++) {
        const backplane = await createBackplane(await system.engine());
        nodes.push(backplane);
        opened.push(
          backplane,
          await serveMessages({ backplane, service, handlers }),
        );
      }
      const backplane = await createBackplane(await system.engine());
      nodes.push(backplane);
      const client = connectService({ backplane, service });
      opened.push(backplane, client);
      await until(() => backplane.nodes.size === 4);
      await Promise.all([0, 1, 2].map((n) => client.request("double", n)));

      let settled = 0;
      const requests = Array.from(
        { length: 1_000 },
        (_, n) =>
          client.request("double", 1_000 + n).finally(() => void settled++),
      );
      const all = Promise.allSettled(requests);
      await until(() => settled > 300);
      await outage(system, nodes);
      let failed = 0;
      for (const [n, result] of (await all).entries()) {
        assert((calls.get(1_000 + n) ?? 0) <= 1, `${n} was handled twice`);
        if (result.status === "fulfilled") {
          assertEquals(result.value, (1_000 + n) * 2);
          continue;
        }
        failed++;
        assertInstanceOf(result.reason, NetError);
        assert(
          ["UNAVAILABLE", "CONNECTION_RESET"].includes(result.reason.code),
        );
      }
      assert(failed > 0 && failed < 700, `${failed} failed`);
      assertEquals(client.stats().made.underWay, 0);

      const after = await Promise.all(
        Array.from({ length: 300 }, (_, n) => client.request("double", n)),
      );
      assertEquals(after, Array.from({ length: 300 }, (_, n) => n * 2));
    },
  );
}
