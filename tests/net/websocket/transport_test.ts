// WebSocket over a memory network must do all that a transport does.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { memoryAdapter } from "../../../src/net/adapters/memory_adapter.ts";
import {
  webSocketClient,
  WebSocketServer,
} from "../../../src/net/websocket/mod.ts";
import {
  type TransportPair,
  transportTests,
} from "../../../src/testing/mod.ts";
import { utf8 } from "../../support/bytes.ts";
import { connected } from "../../support/connected.ts";
import { concat, frame, request } from "./raw_peer.ts";

const address = { transport: "memory", name: "websocket" } as const;
const options = { mode: "bytes" } as const;

async function pair(): Promise<TransportPair> {
  const { a: below, b: accepted, dispose } = await connected(
    memoryAdapter({}),
    address,
  );
  const server = new WebSocketServer(options, address, 5_000);
  const [a, b] = await Promise.all([
    webSocketClient(options, address).upgrade(
      below,
      new AbortController().signal,
    ),
    server.upgrade(accepted),
  ]);
  return { a, b, dispose };
}

test("pause() inside data() holds back the end that came with it", async () => {
  const { a: below, b: accepted } = await connected(memoryAdapter({}), address);
  below.open({ data() {}, end() {}, fail() {} });
  await below.write(
    concat(utf8(request()), frame(2, utf8("hello")), frame(8, utf8(""))),
  );
  const server = new WebSocketServer(options, address, 5_000);
  const transport = await server.upgrade(accepted);
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  const paused = Promise.withResolvers<void>();
  transport.open({
    data() {
      told.push("data");
      transport.pause();
      setImmediate(paused.resolve);
    },
    end: ended.resolve,
    fail: ended.reject,
  });
  void ended.promise.then(() => told.push("end"));
  await paused.promise;
  assertEquals(told, ["data"]);
  transport.resume();
  await ended.promise;
  transport.abort();
  below.abort();
});

test("a flood of pings by a peer that does not read is answered with the last", async () => {
  const { a: below, b: accepted } = await connected(memoryAdapter({}), address);
  let received = new Uint8Array(0);
  const ended = Promise.withResolvers<void>();
  below.open({
    data: (chunk) => received = concat(received, chunk),
    end: ended.resolve,
    fail: ended.reject,
  });
  below.pause();
  await below.write(utf8(request()));
  const server = new WebSocketServer(options, address, 5_000);
  const transport = await server.upgrade(accepted);
  transport.open({ data() {}, end: () => transport.close(), fail() {} });
  // The pongs fill what can be on its way; then one waits.
  const pings = 2_000;
  const padding = new Uint8Array(100);
  for (let i = 0; i < pings; i++) {
    await below.write(frame(9, concat(utf8(`${i} `), padding)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await below.write(frame(8, utf8("")));
  below.resume();
  await ended.promise;
  const text = new TextDecoder("latin1").decode(received);
  const answered = text.match(/\d+ \0{100}/g) ?? [];
  assertEquals(parseInt(answered.at(-1) ?? ""), pings - 1);
  const count = received.filter((byte) => byte === 0x8a).length;
  assertEquals([count < 1_000, count], [true, answered.length]);
  below.abort();
});

// The client and the server take turns in being the end that is tested.
for (const [i, { name }] of transportTests(pair).entries()) {
  const side = i % 2 === 0 ? "client" : "server";
  const turned = async (): Promise<TransportPair> => {
    const { a, b, ...rest } = await pair();
    return side === "client" ? { a, b, ...rest } : { a: b, b: a, ...rest };
  };
  const { run } = transportTests(turned, { resets: true })[i]!;
  const skip = name.includes("lets a late reply through")
    ? "a WebSocket has no half-close"
    : false;
  test(`${name} [WebSocket, ${side}]`, { skip }, run);
}
