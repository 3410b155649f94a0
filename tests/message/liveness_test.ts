import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  connect,
  framed,
  lengthPrefixed,
  listen,
  NetError,
} from "../../mod.ts";
import {
  connectMessages,
  type Envelope,
  envelopes,
  Peer,
  type PeerOptions,
  serveMessages,
} from "../../src/message/mod.ts";
import type { Commands } from "../../src/message/mod.ts";
import { Child } from "../interop/child.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";
import { block, peerAndEnvelopes, sleep, until } from "./support.ts";

test("a Peer pings a silent peer and aborts the connection when no answer comes", async () => {
  const { peer, other } = peerAndEnvelopes({
    heartbeatMs: 20,
    heartbeatTimeoutMs: 40,
  });
  const open = peer.request("wait", null);
  assertEquals((await other.receive())?.[0], "request");
  assertEquals(await other.receive(), ["ping"]);
  const error = await assertRejects(() => open, NetError);
  assertEquals(error.code, "TIMED_OUT");
  assert(error.message.includes("heartbeatTimeoutMs"), error.message);
  assertInstanceOf((await peer.closed).error, NetError);
});

test("a Peer takes anything that arrives for a sign of life", async () => {
  const { peer, other } = peerAndEnvelopes({
    heartbeatMs: 40,
    heartbeatTimeoutMs: 40,
  });
  void other.forEach(() => undefined).catch(() => undefined);
  for (let i = 0; i < 20; i++) {
    await other.send(["event", "tick", i]);
    await sleep(15);
  }
  await peer.emit("still", "here");
  await peer.close();
  assertEquals((await peer.closed).error, undefined);
});

test("a Peer takes the chunks of a message that is not complete for a sign of life", async () => {
  await using listener = await listen({ port: 0 });
  const accepted = listener[Symbol.asyncIterator]().next();
  const raw = await connect(listener.address);
  const { value: connection } = await accepted;
  const peer = new Peer(framed(connection!, envelopes()), {
    heartbeatMs: 40,
    heartbeatTimeoutMs: 40,
  });
  const body = new TextEncoder().encode('["event","slow",1]');
  const bytes = lengthPrefixed().encode(body);
  const heard = new Promise((resolve) => peer.onEvent("slow", resolve));
  const writer = raw.writable.getWriter();
  for (const byte of bytes) {
    await writer.write(Uint8Array.of(byte));
    await sleep(15);
  }
  assertEquals(await heard, 1);
  raw.abort();
  await peer.closed;
});

test("a Peer answers a ping, and pings when it has sent nothing for heartbeatMs", async () => {
  const { peer, other } = peerAndEnvelopes({ heartbeatMs: 40 });
  await other.send(["ping"]);
  assertEquals(await other.receive(), ["pong"]);
  // It hears from the other side, and the other side would not hear from it.
  const talking = setInterval(() => void other.send(["event", "x", 1]), 10);
  assertEquals(await other.receive(), ["ping"]);
  clearInterval(talking);
  await peer.close();
});

test("a Peer has no heartbeat where heartbeatMs is Infinity", async () => {
  const { peer, other } = peerAndEnvelopes({
    heartbeatMs: Infinity,
    heartbeatTimeoutMs: 5,
  });
  const received: Envelope[] = [];
  const receiving = other.forEach((envelope) => void received.push(envelope));
  await sleep(100);
  await peer.close();
  await receiving;
  assertEquals(received, [["event", "framewire:goaway", 0]]);
  assertEquals((await peer.closed).error, undefined);
});

test("a stalled event loop cuts no healthy peer", async () => {
  const options = { heartbeatMs: 20, heartbeatTimeoutMs: 40 };
  await using server = await serveMessages({
    address: { port: 0 },
    ...options,
  });
  const { address } = server;
  await using client = await connectMessages({ address, ...options });
  for (let i = 0; i < 4; i++) {
    block(200);
    await sleep(20);
  }
  await client.emit("still", "here");
  assertEquals(server.peers.size, 1);
});

test("a peer that is held back by its own program is not cut for that", async () => {
  let release: () => void = () => {};
  let heard = 0;
  const options = { heartbeatMs: 20, heartbeatTimeoutMs: 20 };
  const errors: unknown[] = [];
  await using server = await serveMessages({
    address: { port: 0 },
    maxRequests: 1,
    events: {
      slow: () => {
        heard++;
        return new Promise<void>((resolve) => release = resolve);
      },
    },
    ...options,
    onConnectionError: (error) => void errors.push(error),
  });
  const { address } = server;
  await using client = await connectMessages({ address, ...options });
  for (let i = 0; i < 3; i++) await client.emit("slow", i);
  await until(() => heard === 1);
  await sleep(150);
  release();
  await until(() => heard === 2);
  release();
  await until(() => heard === 3);
  release();
  assertEquals(errors, []);
});

test("serveMessages() keeps a healthy idle client over idleTimeoutMs, and cuts a silent one", async () => {
  const errors: unknown[] = [];
  await using server = await serveMessages({
    address: { port: 0 },
    idleTimeoutMs: 60,
    heartbeatTimeoutMs: 30,
    handlers: { echo: (body) => body },
    onConnectionError: (error) => void errors.push(error),
  });
  const { address } = server;
  await using client = await connectMessages({ address });
  await sleep(300);
  assertEquals(await client.request("echo", "still here"), "still here");
  assertEquals(errors, []);
  await using silent = await connect(address);
  await until(() => errors.length === 1);
  assertInstanceOf(errors[0], NetError);
  assertEquals(errors[0].code, "TIMED_OUT");
  silent.abort();
});

const wrong: PeerOptions<Commands>[] = [
  { heartbeatMs: 0 },
  { heartbeatMs: NaN },
  { heartbeatMs: -1 },
  { heartbeatTimeoutMs: 0 },
  { heartbeatTimeoutMs: NaN },
  { maxRequests: 0 },
  { maxRequests: NaN },
  { maxRequests: 1.5 },
];

test("limits that are out of their range are refused by name", async () => {
  const { peer, other } = peerAndEnvelopes();
  for (const options of wrong) {
    const [name] = Object.keys(options);
    assertThrows(
      () => new Peer(framed(new TransformStream(), envelopes()), options),
      RangeError,
      name,
    );
    const address = { port: 1 };
    for (const open of [serveMessages, connectMessages]) {
      await assertRejects(
        () => open({ address, ...options }) as Promise<unknown>,
        RangeError,
        name,
      );
    }
  }
  for (const timeoutMs of [0, -1, NaN]) {
    await assertRejects(
      () => peer.request("x", null, { timeoutMs }),
      RangeError,
      "timeoutMs",
    );
  }
  for (const graceMs of [-1, NaN]) {
    await assertRejects(() => peer.close({ graceMs }), RangeError, "graceMs");
  }
  other.abort();
  await peer.close();
});

test("request() takes a reply that has arrived while the event loop was blocked", async () => {
  // A process of its own: it answers while the loop of this one is blocked.
  await using server = new Child([
    ...thisRuntime,
    projectFile("tests/message/killed_server.ts"),
  ]);
  await using client = await connectMessages({
    address: await server.firstLine,
  });
  assertEquals(await client.request("double", 0), 0);
  for (let round = 0; round < 2; round++) {
    const replies = Array.from(
      { length: 900 },
      (_, n) => client.request("double", n, { timeoutMs: 500 }),
    );
    const all = Promise.allSettled(replies);
    // The server has them all then, and answers most of them up to 20 ms later.
    await replies[0];
    block(1_200);
    const late = (await all).filter(({ status }) => status === "rejected");
    assertEquals(late, []);
  }
});

test("Peer.close() and MessageServer.close() take graceMs once", async () => {
  const server = await serveMessages(
    { address: { port: 0 }, handlers: { wait: () => new Promise(() => 0) } },
    // Neither a request nor the setup ever ends.
    () => new Promise(() => undefined),
  );
  const { address } = server;
  const client = await connectMessages({ address });
  const request = assertRejects(() => client.request("wait", null));
  await until(() => server.peers.size === 1);
  const from = performance.now();
  await server.close({ graceMs: 300 });
  const took = performance.now() - from;
  assert(took < 500, `it took ${took} ms`);
  await request;
  await client.close();
});
