import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { commandFrame, framed, FrameError } from "../../mod.ts";
import {
  commandMessages,
  connectMessages,
  type Envelope,
  type EnvelopeChannel,
  envelopes,
  Peer,
  pipelinedCommands,
  serveMessages,
} from "../../src/message/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { peerAndEnvelopes, sleep, until } from "./support.ts";

const codec = commandMessages(commandFrame(), { ask: 1, back: 2, news: 3 });
const dialect = pipelinedCommands(codec);

test("pipelinedCommands() does not deadlock when 1,500 handlers ask back", async () => {
  await using server = await serveMessages({
    address: { port: 0 },
    dialect,
    handlers: { ask: (n, { peer }) => peer.request("back", n) },
  });
  const { address } = server;
  await using client = await connectMessages({
    address,
    dialect,
    handlers: { back: (n) => Number(n) + 1 },
  });
  const replies = await Promise.all(
    Array.from({ length: 1_500 }, (_, n) => client.request("ask", n)),
  );
  assertEquals(replies, Array.from({ length: 1_500 }, (_, n) => n + 1));
});

test("pipelinedCommands() does not deadlock when handlers ask back after it has stopped reading", async () => {
  let asked = 0;
  let go: () => void = () => {};
  const gone = new Promise<void>((resolve) => go = resolve);
  await using server = await serveMessages({
    address: { port: 0 },
    dialect,
    handlers: {
      ask: async (n, { peer }) => {
        asked++;
        await gone;
        return peer.request("back", n);
      },
    },
  });
  const { address } = server;
  await using client = await connectMessages({
    address,
    dialect,
    handlers: { back: (n) => n },
  });
  const all = Array.from({ length: 1_500 }, (_, n) => n);
  const replies = Promise.all(all.map((n) => client.request("ask", n)));
  await until(() => asked === 1_000);
  await sleep(20);
  assertEquals(asked, 1_000);
  go();
  assertEquals(await replies, all);
});

test("pipelinedCommands() ends the connection when more requests arrive than may wait", async () => {
  const [here, there] = streamPair();
  const peer = new Peer(dialect.open(framed(here, codec, quick)), {
    handlers: { ask: () => new Promise(() => undefined) },
  });
  const other = framed(there, codec);
  void other.forEach(() => undefined).catch(() => undefined);
  // Never answered: the peer reads on.
  const open = assertRejects(() => peer.request("back", 1));
  const sending = (async () => {
    for (let n = 0; n < 20_000; n++) {
      await other.send({ command: "ask", wantsReply: true, body: n });
    }
  })();
  const { error } = await peer.closed;
  assertInstanceOf(error, FrameError);
  assertEquals(error.code, "MESSAGE_INVALID");
  await open;
  await assertRejects(() => sending);
});

test("asynchronous listeners are at most maxRequests, and then the peer is held back", async () => {
  const finish: (() => void)[] = [];
  let heard = 0;
  await using server = await serveMessages({
    address: { port: 0 },
    maxRequests: 3,
    events: {
      news: () => {
        heard++;
        return new Promise<void>((resolve) => finish.push(resolve));
      },
    },
    handlers: { heard: () => heard },
  });
  await using client = await connectMessages({ address: server.address });
  let sent = 0;
  const sending = (async () => {
    const body = "x".repeat(100_000);
    for (; sent < 200; sent++) await client.emit("news", body);
  })();
  await until(() => heard === 3);
  await sleep(100);
  assertEquals(heard, 3);
  assert(sent < 200, "nobody was held back");
  // In their order: the request is behind the events.
  const answer = sending.then(() => client.request("heard", null));
  while (heard < 200) {
    finish.shift()?.();
    await sleep(0);
  }
  finish.forEach((done) => done());
  assertEquals(await answer, 200);
});

test("listeners that ask back do not deadlock", async () => {
  let done = 0;
  await using server = await serveMessages({
    address: { port: 0 },
    maxRequests: 10,
    events: {
      news: async (body, { peer }) => {
        await sleep(1);
        assertEquals(await peer.request("back", body), body);
        done++;
      },
    },
  });
  await using client = await connectMessages({
    address: server.address,
    handlers: { back: (body) => body },
  });
  for (let i = 0; i < 200; i++) await client.emit("news", i);
  await until(() => done === 200);
});

test("a Peer ends the connection when more events arrive than may wait", async () => {
  const { peer, other } = peerAndEnvelopes({
    maxRequests: 1,
    events: { news: () => new Promise(() => undefined) },
  });
  void other.forEach(() => undefined).catch(() => undefined);
  const open = assertRejects(() => peer.request("back", 1));
  const body = "x".repeat(500_000);
  const sending = (async () => {
    for (let i = 0; i < 100; i++) await other.send(["event", "news", body]);
  })();
  assertInstanceOf((await peer.closed).error, FrameError);
  await open;
  await assertRejects(() => sending);
});

test("a Peer whose listeners never end tells of the end of its connection", async () => {
  let aborted: () => void = () => {};
  const told = new Promise<void>((resolve) => aborted = resolve);
  const [here, there] = streamPair();
  let end: () => void = () => {};
  const closed = new Promise<{ by: "remote" }>((resolve) => {
    end = () => resolve({ by: "remote" });
  });
  const connection = framed(here, envelopes(), quick);
  const bare: EnvelopeChannel = {
    closed,
    send: (envelope) => connection.send(envelope),
    forEach: (handle) => connection.forEach(handle),
    close: () => connection.close(),
    abort: (reason) => connection.abort(reason),
  };
  const peer = new Peer(bare, {
    maxRequests: 1,
    events: { news: () => new Promise(() => undefined) },
    handlers: {
      wait: (_, { signal }) => {
        signal.addEventListener("abort", aborted);
        return new Promise(() => undefined);
      },
    },
  });
  const other = framed(there, envelopes());
  await other.send(["request", 1, "wait", null]);
  await other.send(["event", "news", 1]);
  await other.send(["event", "news", 2]);
  await sleep(5);
  end();
  await other.closeWrite();
  await told;
  await peer.closed;
});

test("replies wait for room, and nothing waits once there is", async () => {
  let room: () => void = () => {};
  const sent: Envelope[] = [];
  let deliver: (envelope: Envelope) => void = () => {};
  let full = true;
  const bare: EnvelopeChannel = {
    closed: new Promise(() => undefined),
    send(envelope) {
      sent.push(envelope);
      if (!full) return undefined;
      return new Promise<void>((resolve) => room = resolve);
    },
    forEach: (handle) => {
      deliver = handle;
      return new Promise(() => undefined);
    },
    close: () => Promise.resolve(),
    abort: () => undefined,
  };
  const peer = new Peer(bare, {
    heartbeatMs: Infinity,
    handlers: { now: (n) => n, later: (n) => Promise.resolve(n) },
  });
  await sleep(0);
  deliver(["request", 1, "now", 1]);
  for (let id = 2; id < 10; id++) {
    deliver(["request", id, id % 2 === 0 ? "now" : "later", id]);
  }
  await sleep(5);
  assertEquals(sent, [["reply", 1, 1]]);
  assertEquals(peer.busy, true);
  room();
  await sleep(5);
  assertEquals(sent.length, 2);
  full = false;
  room();
  await sleep(5);
  assertEquals(sent.map(([, id]) => id), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(peer.busy, false);
});
