import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import type { ObservedEvent, RequestStats } from "../../mod.ts";
import {
  type Commands,
  connectMessages,
  MessageError,
  type MessageServerOptions,
  serveMessages,
} from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { deferred } from "../../src/net/deferred.ts";
import { quick } from "../support/duplexes.ts";
import { block, until } from "./support.ts";

const network = memoryNetwork();
const address = "memory:requests";

/** A server of messages, and a client of it. */
async function serverAndClient(
  options: Partial<MessageServerOptions<Commands>> = {},
) {
  const server = await serveMessages({
    address,
    network,
    ...quick,
    onError: () => undefined,
    ...options,
  });
  const client = await connectMessages({ address, network, ...quick });
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

/** How many requests ended how: those of which there are any. */
function outcomes(stats: RequestStats): Record<string, Record<string, number>> {
  return Object.fromEntries(
    Object.entries(stats.commands).map(([command, { latency, ...counts }]) => {
      void latency;
      const some = Object.entries(counts).filter(([, count]) => count > 0);
      return [command, Object.fromEntries(some)];
    }),
  );
}

test("stats() counts the requests of both sides by command and outcome", async () => {
  await using both = await serverAndClient();
  const { server, client } = both;
  const hanging = deferred<void>();
  server
    .on("add", () => 3)
    .on("later", async () => {
      await Promise.resolve();
      return 4;
    })
    .on("crash", () => {
      throw new Error("crashed");
    })
    .on("say", () => {
      throw new MessageError("NO", "No");
    })
    .on("hang", () => hanging.promise)
    .on("count", async function* () {
      yield 1;
      await hanging.promise;
    });
  await client.request("add", 1);
  await client.request("add", 1);
  await client.request("later", 1);
  await assertRejects(() => client.request("crash", 1), MessageError);
  await assertRejects(() => client.request("say", 1), MessageError);
  await assertRejects(() => client.request("missing", 1), MessageError);
  await assertRejects(() => client.request("hang", 1, { timeoutMs: 5 }));
  const signal = AbortSignal.timeout(5);
  await assertRejects(() => client.request("hang", 1, { signal }));
  for await (const _ of client.stream("count", 1)) break;

  assertEquals(client.stats().made.underWay, 0);
  // The cancelled stream has ended: all that was given up is known there.
  await until(() => server.stats().served.underWay === 2);
  hanging.resolve();
  await until(() => server.stats().served.underWay === 0);
  assertEquals(outcomes(client.stats().made), {
    add: { done: 2 },
    later: { done: 1 },
    crash: { failed: 1 },
    say: { failed: 1 },
    missing: { refused: 1 },
    hang: { cancelled: 1, timedOut: 1 },
    count: { cancelled: 1 },
  });
  const served = {
    add: { done: 2 },
    later: { done: 1 },
    crash: { failed: 1 },
    say: { failed: 1 },
    "(other)": { refused: 1 },
    hang: { cancelled: 2 },
    count: { cancelled: 1 },
  };
  assertEquals(outcomes(server.stats().served), served);
  const [peer] = server.peers;
  assertEquals(outcomes(peer!.stats().served), served);
});

test("stats() of a server adds the requests of all its peers, also of closed ones", async () => {
  await using both = await serverAndClient();
  const { server, client } = both;
  server.on("add", () => 3);
  await client.request("add", 1);
  const other = await connectMessages({ address, network, ...quick });
  await other.request("add", 1);
  await other.close();
  await until(() => server.peers.size === 1);
  assertEquals(outcomes(server.stats().served), { add: { done: 2 } });
  const [peer] = server.peers;
  assertEquals(outcomes(peer!.stats().served), { add: { done: 1 } });
  assertEquals(server.stats().connections.accepted, 2);
  // Two requests, and the word of the other client that it goes.
  assertEquals(server.stats().framesReceived, 3);
  assertEquals(client.stats().framesSent, 1);
});

test("stats() counts a request that its connection has lost as failed", async () => {
  await using both = await serverAndClient({ heartbeatMs: Infinity });
  const { server, client } = both;
  server.on("hang", () => new Promise(() => {}));
  const lost = client.request("hang", 1);
  await until(() => server.stats().served.underWay === 1);
  client.abort();
  await assertRejects(() => lost);
  assertEquals(outcomes(client.stats().made), { hang: { failed: 1 } });
});

test("stats() counts requests that are refused while too many are under way", async () => {
  await using both = await serverAndClient({ maxRequests: 1 });
  const { server, client } = both;
  const hanging = deferred<null>();
  server.on("hang", () => hanging.promise);
  const first = client.request("hang", 1);
  await assertRejects(() => client.request("hang", 1), MessageError);
  hanging.resolve(null);
  await first;
  const expected = { hang: { done: 1, refused: 1 } };
  assertEquals(outcomes(server.stats().served), expected);
  assertEquals(outcomes(client.stats().made), expected);
});

test("stats() counts a request whose handler hangs as timed out, once", async () => {
  await using both = await serverAndClient({ handlerTimeoutMs: 20 });
  const { server, client } = both;
  const hanging = deferred<null>();
  server.on("hang", () => hanging.promise);
  await assertRejects(() => client.request("hang", 1), MessageError);
  const expected = { hang: { timedOut: 1 } };
  assertEquals(outcomes(server.stats().served), expected);
  hanging.resolve(null);
  await until(() => server.stats().served.underWay === 0);
  assertEquals(outcomes(server.stats().served), expected);
  assertEquals(outcomes(client.stats().made), { hang: { failed: 1 } });
});

test("stats() measures latencies from its first call on", async () => {
  await using both = await serverAndClient();
  const { server, client } = both;
  server.on("work", (ms) => block(Number(ms)));
  await client.request("work", 0);
  const latency = () => server.stats().served.commands["work"]!.latency;
  assertEquals(latency().sum, 0);
  assertEquals(new Set(latency().counts), new Set([0]));

  await client.request("work", 30);
  const { bounds, counts, sum } = latency();
  assertEquals(counts.length, bounds.length + 1);
  assert(sum >= 0.03, `${sum}`);
  const bucket = counts.indexOf(1);
  assert(bounds[bucket]! >= sum, `${bounds[bucket]}`);
  assert(bounds[bucket - 1]! < sum, `${bounds[bucket - 1]}`);
});

test("stats() counts no more than 1,000 commands each", async () => {
  await using both = await serverAndClient();
  const { client } = both;
  for (let i = 0; i < 1_010; i++) {
    await client.request(`missing ${i}`, null).catch(() => undefined);
  }
  const { commands } = client.stats().made;
  assertEquals(Object.keys(commands).length, 1_001);
  assertEquals(commands["(other)"]?.refused, 10);
});

test("observe is told of requests on both sides", async () => {
  const events: ObservedEvent[] = [];
  const observe = (event: ObservedEvent) => void events.push(event);
  await using server = await serveMessages({ address, network, observe });
  server.on("add", () => 3);
  const client = await connectMessages({ address, network, observe });
  await client.request("add", 1);
  await client.request("missing", 1).catch(() => undefined);
  await client.close();
  const requests = events.filter((event) => event.type === "request");
  assertEquals(
    requests.map(({ direction, command, outcome }) =>
      `${direction} ${command} ${outcome}`
    ),
    [
      "served add done",
      "made add done",
      "served missing refused",
      "made missing refused",
    ],
  );
  assert(requests.every(({ seconds }) => seconds >= 0));
  assert(requests[1]!.seconds > 0);
  const others = events.map(({ type }) => type).filter((t) => t !== "request");
  assertEquals(others.slice(0, 2).sort(), ["open", "open"]);
});

test("an observe hook that throws for a request goes to onError", async () => {
  const errors: unknown[] = [];
  await using server = await serveMessages({
    address,
    network,
    observe(event) {
      if (event.type === "request") throw new Error("observe");
    },
    onError: (error, name) =>
      void errors.push([(error as Error).message, name]),
  });
  server.on("add", () => 3);
  await using client = await connectMessages({ address, network });
  assertEquals(await client.request("add", 1), 3);
  assertEquals(await client.request("add", 1), 3);
  assertEquals(errors, [["observe", "observe"], ["observe", "observe"]]);
});
