/** What a loop over events holds, and what the connections that went leave. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { createClient, lengthPrefixed, lines, serve } from "../../mod.ts";
import { EVENTS_HIGH_WATER_MARK } from "../../src/defaults.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { EventQueue } from "../../src/server/event_queue.ts";
import { collector } from "../support/collector.ts";
import { turn } from "../support/scripted_transport.ts";

test("Server.events() holds messages back by their bytes", async () => {
  const network = memoryNetwork();
  const codec = lengthPrefixed();
  await using server = await serve({
    address: "memory:events",
    codec,
    network,
  });
  const client = await createClient({
    address: server.address,
    codec,
    network,
    maxSendBuffer: Infinity,
  });
  const iterator = server.events()[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.type, "open");
  // The loop stands still. 50 frames of 500 KB are few events, and many bytes.
  const frame = new Uint8Array(500_000);
  let sent = 0;
  for (let i = 0; i < 50; i++) {
    void Promise.resolve(client.send(frame)).catch(() => undefined);
  }
  for (let last = -1; last !== client.bufferedBytes;) {
    last = client.bufferedBytes;
    for (let i = 0; i < 20; i++) await turn();
  }
  const taken = 50 * 500_004 - client.bufferedBytes;
  // The mark, the frame that passes it, and one being received.
  assert(taken < EVENTS_HIGH_WATER_MARK + 2_000_000, `${taken} bytes`);
  void client.closeWrite().catch(() => undefined);
  for (
    let next = await iterator.next();
    next.done !== true && next.value.type !== "close";
    next = await iterator.next()
  ) if (next.value.type === "message") sent++;
  assertEquals(sent, 50);
  await iterator.return?.();
  client.abort();
});

test("EventQueue.push() tells that it is full, also of small events", async () => {
  const queue = new EventQueue<number>();
  const events = queue.start();
  let pushed = 0;
  while (queue.push(pushed++, 1) && pushed < 100_000);
  assert(pushed < 10_000, `${pushed} events`);
  let hasRoom = false;
  queue.whenRoom(() => hasRoom = true);
  queue.whenRoom(() => assert(false, "it was called off"))();
  for (let i = 0; i < pushed; i++) {
    if (i <= 1) assert(!hasRoom);
    assertEquals((await events.next()).value, i);
  }
  assert(hasRoom);
  await events.return();
  // Where the loop was left, peers are held back until the end.
  hasRoom = false;
  assert(!queue.push(0, 1));
  queue.whenRoom(() => hasRoom = true);
  assert(!hasRoom);
  queue.end();
  assert(hasRoom);
});

test("Server.events() tells of what arrived before a reset, then of the end", async () => {
  const network = memoryNetwork();
  const codec = lengthPrefixed();
  const address = "memory:order";
  await using server = await serve({ address, codec, network });
  const client = await createClient({ address, codec, network });
  const iterator = server.events()[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.type, "open");
  // The first fills the queue; the others wait in the receiver.
  void client.send(new Uint8Array(EVENTS_HIGH_WATER_MARK - 300));
  void client.send(new Uint8Array(10_000));
  void client.send(new Uint8Array(10_000));
  await client.send(new Uint8Array(10_000));
  while (client.bufferedBytes > 0) await turn();
  for (let i = 0; i < 5; i++) await turn();
  client.abort();
  while (server.connections.size > 0) await turn();
  const types: string[] = [];
  for (let i = 0; i < 5; i++) {
    const { value } = await iterator.next();
    if (value !== undefined) types.push(value.type);
  }
  assertEquals(types, [...Array<string>(4).fill("message"), "close"]);
  await iterator.return?.();
});

for (const when of ["before it begins", "after it was left"]) {
  test(`Server.events() keeps nothing of connections that go ${when}`, async () => {
    const network = memoryNetwork();
    const codec = lines();
    const address = "memory:gone";
    await using server = await serve({ address, codec, network });
    if (when.startsWith("after")) {
      const iterator = server.events()[Symbol.asyncIterator]();
      void iterator.next();
      const first = await createClient({ address, codec, network });
      while (server.connections.size === 0) await turn();
      first.abort();
      while (server.connections.size > 0) await turn();
      await iterator.return?.();
    }
    const refs: WeakRef<object>[] = [];
    for (let i = 0; i < 50; i++) {
      const client = await createClient({ address, codec, network });
      await client.send("hello");
      while (server.connections.size === 0) await turn();
      for (const connection of server.connections.values()) {
        // What it says is not told of before there is a loop.
        while (connection.chunksReceived === 0) await turn();
        refs.push(new WeakRef(connection));
      }
      client.abort();
      while (server.connections.size > 0) await turn();
    }
    const collect = await collector();
    if (collect === undefined) return;
    const left = () => refs.filter((ref) => ref.deref() !== undefined).length;
    // What the engine itself keeps of the last is not many.
    for (let i = 0; i < 50 && left() > 5; i++) {
      // A reference that was looked at is kept for the rest of the task.
      await turn();
      collect();
    }
    assert(left() <= 5, `${left()} of 50 are kept`);
  });
}

test("a message is told of with its room given back when it is dealt with", async () => {
  const queue = new EventQueue<string>();
  const events = queue.start();
  assert(!queue.push("large", EVENTS_HIGH_WATER_MARK + 1));
  const dealt = queue.dealtWith();
  let isDealt = false;
  void dealt.then(() => isDealt = true);
  assertEquals((await events.next()).value, "large");
  await turn();
  // The loop works on it.
  assert(!isDealt);
  const next = events.next();
  await dealt;
  queue.end();
  assertEquals((await next).done, true);
});
