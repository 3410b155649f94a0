/** What waits in all connections of a server together. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  connect,
  createClient,
  lengthPrefixed,
  NetError,
  serve,
} from "../../mod.ts";
import { linkOf } from "../../src/framed/framed_connection.ts";
import { linkSettings } from "../../src/framed/settings.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { TotalBuffer } from "../../src/server/total_buffer.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { ScriptedTransport, turn } from "../support/scripted_transport.ts";

const codec = lengthPrefixed({ maxFrameLength: 10_000_000 });

/** Connections that are counted, whose peers read nothing, and the time. */
function counted(maxTotalBuffer: number, count: number) {
  const ticker = new HandTicker(2_048);
  const total = new TotalBuffer(maxTotalBuffer);
  const connections = Array.from({ length: count }, () => {
    const wire = new ScriptedTransport();
    wire.holds = true;
    const link = linkOf(wire, codec, linkSettings({}));
    total.watch(link);
    link.channel.whenClosed(() => total.leave(link));
    return { wire, link };
  });
  return {
    connections,
    ticker,
    pass: () => ticker.pass(256),
    /** Which have been cut. */
    cut: () =>
      connections.flatMap(({ wire }, i) =>
        wire.ends.includes("abort") ? [i] : []
      ),
    [Symbol.dispose]() {
      for (const { link } of connections) link.channel.abort();
      ticker[Symbol.dispose]();
    },
  };
}

/** The first bytes of a frame of 1 MB. */
const partOf = (length: number) =>
  codec.encode(new Uint8Array(1_000_000)).subarray(0, length);

test("maxTotalBuffer cuts those that hold the most, until the rest is within it", async () => {
  using server = counted(100_000, 5);
  const { connections, pass, cut } = server;
  [10_000, 60_000, 20_000, 15_000, 50_000].forEach((length, i) =>
    connections[i]!.wire.data(partOf(length))
  );
  await pass();
  assertEquals(cut(), [1]);
  const { error } = connections[1]!.link.channel.info!;
  assert(error instanceof NetError && error.code === "RECEIVE_BUFFER_FULL");
  assertEquals(error.limit, "maxTotalBuffer");
  await pass();
  assertEquals(cut(), [1]);
  for (const i of [0, 2]) connections[i]!.wire.data(partOf(3_000));
  await pass();
  assertEquals(cut(), [1, 4]);
});

test("maxTotalBuffer counts what waits to be sent", async () => {
  using server = counted(100_000, 3);
  const { connections, pass, cut } = server;
  for (const { link } of connections) {
    void link.sender.send(new Uint8Array(30_000));
  }
  await pass();
  assertEquals(cut(), []);
  void connections[2]!.link.sender.send(new Uint8Array(20_000));
  await pass();
  assertEquals(cut(), [2]);
  const { error } = connections[2]!.link.channel.info!;
  assert(error instanceof NetError && error.code === "SEND_BUFFER_FULL");
  assertEquals(error.limit, "maxTotalBuffer");
});

test("maxTotalBuffer counts what is broadcast once", async () => {
  using server = counted(100_000, 20);
  const { connections, pass, cut } = server;
  for (let i = 0; i < 2; i++) {
    const bytes = codec.encode(new Uint8Array(40_000));
    for (const { link } of connections) void link.sender.sendEncoded(bytes);
    await pass();
  }
  assertEquals(cut(), []);
  for (const { link } of connections) {
    assertEquals(link.sender.sharedBytes, 80_008);
  }
  // One reads all, and its own backlog counts from then on.
  await connections[3]!.wire.takeAll();
  assertEquals(connections[3]!.link.sender.sharedBytes, 0);
  connections[3]!.wire.holds = true;
  void connections[3]!.link.sender.send(new Uint8Array(90_000));
  await pass();
  assertEquals(cut(), [3]);
  // Too much for each of them.
  const more = codec.encode(new Uint8Array(40_000));
  for (const { link } of connections.slice(5)) {
    if (link.channel.info === undefined) void link.sender.sendEncoded(more);
  }
  await pass();
  assertEquals(cut().length, 16);
});

test("maxTotalBuffer counts a broadcast that had to wait for a body", async () => {
  using server = counted(100_000, 1);
  const [{ link, wire }] = server.connections as [
    (typeof server.connections)[0],
  ];
  link.sender.beginBytes();
  const bytes = codec.encode(new Uint8Array(40_000));
  const sending = link.sender.sendBytes([new Uint8Array(10)], 10);
  void link.sender.sendEncoded(bytes);
  await turn();
  wire.take();
  await sending;
  await turn();
  assertEquals(link.sender.sharedBytes, 40_004);
  wire.take();
  await turn();
  assertEquals(link.sender.sharedBytes, 0);
});

test("maxTotalBuffer watches nothing where there is no limit, or no connection", async () => {
  using unlimited = counted(Infinity, 2);
  assertEquals(unlimited.ticker.members.size, 0);
  using server = counted(100, 2);
  assertEquals(server.ticker.members.size, 1);
  for (const { link } of server.connections) link.channel.abort();
  await turn();
  assertEquals(server.ticker.members.size, 0);
});

for (
  const [name, place] of Object.entries({
    sockets: { address: { port: 0 } },
    memory: { address: "memory:total", network: memoryNetwork() },
  })
) {
  test(`serve() cuts the client that fills maxTotalBuffer, and no other, over ${name}`, async () => {
    const errors: unknown[] = [];
    await using server = await serve({
      ...place,
      codec,
      maxTotalBuffer: 1_000_000,
      onError: (error) => void errors.push(error),
    }, (connection) => connection.forEach((frame) => connection.send(frame)));
    const dial = "network" in place ? place.network.connect : connect;
    const greedy = await dial(server.address);
    await using client = await createClient({
      ...place,
      address: server.address,
      codec,
    });
    const writer = greedy.writable.getWriter();
    const frame = codec.encode(new Uint8Array(5_000_000));
    const writing = (async () => {
      for (let at = 0; at < 2_000_000; at += 50_000) {
        await writer.write(frame.subarray(at, at + 50_000));
      }
    })().catch(() => undefined);
    while (errors.length === 0) {
      await client.send(Uint8Array.of(1, 2, 3));
      assertEquals(await client.receive(), Uint8Array.of(1, 2, 3));
      await turn();
    }
    const [error] = errors;
    assert(error instanceof NetError && error.code === "RECEIVE_BUFFER_FULL");
    assertEquals(error.limit, "maxTotalBuffer");
    greedy.abort();
    await writing;
  });
}
