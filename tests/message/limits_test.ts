/** How long a request may be at work, and how many there may be a second. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { NetError } from "../../mod.ts";
import {
  connectMessages,
  MessageError,
  serveMessages,
} from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { turn } from "../support/scripted_transport.ts";
import { peerAndEnvelopes } from "./support.ts";

const LIMIT_MS = 800;

test("handlerTimeoutMs ends the request whose handler hangs, and no other", async () => {
  using time = new HandTicker(LIMIT_MS);
  const errors: [unknown, string][] = [];
  const reasons: unknown[] = [];
  const { peer, other } = peerAndEnvelopes({
    handlerTimeoutMs: LIMIT_MS,
    heartbeatMs: Infinity,
    onError: (...told) => void errors.push(told),
    handlers: {
      hang: (_, { signal }) =>
        new Promise(() => {
          signal.onabort = () => reasons.push(signal.reason);
        }),
      fast: () => Promise.resolve("done"),
    },
  });
  await other.send(["request", 1, "hang", null]);
  await turn();
  await time.pass(LIMIT_MS, 100);
  await other.send(["request", 2, "hang", null]);
  await other.send(["request", 3, "fast", null]);
  assertEquals(await other.receive(), ["reply", 3, "done"]);
  await time.pass(100);
  assertEquals(await other.receive(), [
    "error",
    1,
    "HANDLER_TIMED_OUT",
    'The handler of "hang" took longer than 800 ms',
    null,
  ]);
  assertEquals(errors.length, 1);
  const [[error, command]] = errors as [[unknown, string]];
  assertEquals(command, "hang");
  assert(error instanceof NetError && error.code === "TIMED_OUT");
  assertEquals(error.limit, "handlerTimeoutMs");
  assertEquals(reasons, [error]);
  // The second one has its own time.
  await time.pass(LIMIT_MS, 100);
  assertEquals((await other.receive())?.[1], 2);
  peer.abort();
  await turn();
  assertEquals(time.members.size, 0);
});

test("handlerTimeoutMs counts until there is a reply or a stream, and no longer", async () => {
  using time = new HandTicker(LIMIT_MS);
  let end = () => {};
  const ended = new Promise<void>((resolve) => end = resolve);
  let reply = (_value: string) => {};
  const { peer, other } = peerAndEnvelopes({
    handlerTimeoutMs: LIMIT_MS,
    heartbeatMs: Infinity,
    handlers: {
      async *items() {
        yield 1;
        await ended;
        yield 2;
      },
      late: () => new Promise<string>((resolve) => reply = resolve),
    },
  });
  await other.send(["stream", 1, "items", null, 8]);
  assertEquals(await other.receive(), ["item", 1, 1]);
  await time.pass(10 * LIMIT_MS, 100);
  end();
  assertEquals(await other.receive(), ["item", 1, 2]);
  assertEquals(await other.receive(), ["reply", 1, null]);
  await turn();
  assertEquals(time.members.size, 0);
  // A reply after the time is dropped.
  await other.send(["request", 2, "late", null]);
  await turn();
  await time.pass(LIMIT_MS + 100, 100);
  assertEquals((await other.receive())?.[2], "HANDLER_TIMED_OUT");
  reply("too late");
  await other.send(["ping"]);
  assertEquals(await other.receive(), ["pong"]);
  await turn();
  assertEquals(time.members.size, 0);
  peer.abort();
});

test("requestsPerSecond refuses what is more, and goes on with the next second", async () => {
  const real = performance.now;
  let now = 1_000;
  performance.now = () => now;
  try {
    const { peer, other } = peerAndEnvelopes({
      requestsPerSecond: 2,
      heartbeatMs: Infinity,
      handlers: { go: () => "gone" },
    });
    const ask = async (id: number) => {
      await other.send(["request", id, "go", null]);
      const answer = await other.receive();
      return answer?.[0] === "error" ? answer[2] : answer?.[2];
    };
    const answers = [await ask(1), await ask(2), await ask(3)];
    assertEquals(answers, ["gone", "gone", "TOO_MANY_REQUESTS"]);
    now += 499;
    assertEquals(await ask(4), "TOO_MANY_REQUESTS");
    now += 2;
    assertEquals(await ask(5), "gone");
    peer.abort();
  } finally {
    performance.now = real;
  }
});

for (
  const [name, place] of Object.entries({
    sockets: { address: { port: 0 } },
    memory: { address: "memory:limits", network: memoryNetwork() },
  })
) {
  test(`serveMessages() answers for a handler that hangs, and cuts nobody, over ${name}`, async () => {
    const told: unknown[] = [];
    await using server = await serveMessages({
      ...place,
      handlerTimeoutMs: 40,
      requestsPerSecond: 1_000,
      onError: (error) => void told.push(error),
      handlers: {
        hang: () => new Promise(() => {}),
        echo: (body) => body,
      },
    });
    await using client = await connectMessages({
      ...place,
      address: server.address,
    });
    const error = await assertRejects(
      () => client.request("hang", null),
      MessageError,
    );
    assertEquals(error.code, "HANDLER_TIMED_OUT");
    assertEquals(told.length, 1);
    assertEquals(await client.request("echo", 1), 1);
    client.abort();
  });
}
