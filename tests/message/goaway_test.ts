/** Closing a peer while the other side goes on asking. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { test } from "node:test";
import { connect, type Framed, framed } from "../../mod.ts";
import {
  commandMessages,
  connectMessages,
  type Envelope,
  envelopes,
  MessageError,
  type Peer,
  pipelinedCommands,
  serveMessages,
} from "../../src/message/mod.ts";
import { commandFrame } from "../../src/codec/mod.ts";
import { deferred } from "../../src/net/deferred.ts";
import { turn } from "../support/scripted_transport.ts";
import { peerAndEnvelopes } from "./support.ts";

/** The answer to a handler, and when it was called. */
function held() {
  const called = deferred<void>();
  const answer = deferred<string>();
  return {
    called: called.promise,
    answer: answer.resolve,
    handler() {
      called.resolve();
      return answer.promise;
    },
  };
}

async function refusalOf(request: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => request, MessageError)).code;
}

/** Whether something can be sent to the other side of a peer. */
function isOpen(peer: Peer): boolean {
  try {
    void peer.emit("news", null);
    return true;
  } catch {
    return false;
  }
}

/** All envelopes, to the end. */
async function rest(other: Framed<Envelope>): Promise<Envelope[]> {
  const all: Envelope[] = [];
  for await (const envelope of other) all.push(envelope);
  return all;
}

test("MessageServer.close() has clients go elsewhere, and answers what is under way", async () => {
  const { called, answer, handler } = held();
  const server = await serveMessages({
    address: { port: 0 },
    handlers: { wait: handler },
  });
  await using client = await connectMessages({ address: server.address });
  const underWay = client.request("wait", null);
  await called;
  const closing = server.close();
  await client.goaway;
  assertEquals(server.state, "closing");
  assertEquals(await refusalOf(client.request("wait", null)), "CLOSING");
  assertEquals(await refusalOf(client.stream("wait", null).next()), "CLOSING");
  answer("answered");
  assertEquals(await underWay, "answered");
  await closing;
  // Also after the end, since it is known that it was not sent.
  await client.closed;
  assertEquals(await refusalOf(client.request("wait", null)), "CLOSING");
});

test("a peer rejects the requests that goaway does not cover, and waits for the others", async () => {
  const { peer, other } = peerAndEnvelopes();
  const first = peer.request("work", 1);
  const second = peer.request("work", 2);
  assertEquals(await other.receive(), ["request", 1, "work", 1]);
  await other.send(["event", "framewire:goaway", 1]);
  await peer.goaway;
  assertEquals(await refusalOf(second), "CLOSING");
  await other.send(["reply", 1, "done"]);
  assertEquals(await first, "done");
  // The other side, too, may refuse what it has said it would not handle.
  await other.send(["error", 2, "CLOSING", "This side is closing", null]);
  await other.close();
  assertEquals((await peer.closed).error, undefined);
});

test("Peer.goaway settles when the connection ends without a message", async () => {
  const { peer, other } = peerAndEnvelopes();
  let settled = false;
  void peer.goaway.then(() => settled = true);
  await turn();
  assert(!settled);
  other.abort();
  await peer.goaway;
  await peer.closed;
});

test("a goaway without the number of a request is a violation", async () => {
  for (const body of [null, -1, 1.5, "1"]) {
    const { peer, other } = peerAndEnvelopes();
    await other.send(["event", "framewire:goaway", body]);
    const { error } = await peer.closed;
    assertInstanceOf(error, Error);
    assertEquals((error as { code?: string }).code, "MESSAGE_INVALID");
  }
});

test("goaway overtakes events that wait for their listeners", async () => {
  const { peer, other } = peerAndEnvelopes({ maxRequests: 1 });
  peer.onEvent("busy", () => new Promise(() => undefined));
  const open = peer.request("work", null); // so that reading goes on
  await other.send(["event", "busy", 1]);
  await other.send(["event", "busy", 2]);
  await other.send(["event", "framewire:goaway", 0]);
  await peer.goaway;
  assertEquals(await refusalOf(open), "CLOSING");
  peer.abort();
});

test("a client that does not know goaway gets CLOSING for each request, and every reply", async () => {
  const { called, answer, handler } = held();
  await using server = await serveMessages({
    address: { port: 0 },
    handlers: { wait: handler },
  });
  const old = framed(await connect(server.address), envelopes());
  await old.send(["request", 1, "wait", null]);
  await called;
  const closing = server.close();
  assertEquals(await old.receive(), ["event", "framewire:goaway", 1]);
  await old.send(["request", 2, "wait", null]);
  assertEquals((await old.receive())?.slice(0, 3), ["error", 2, "CLOSING"]);
  answer("answered");
  assertEquals(await old.receive(), ["reply", 1, "answered"]);
  assertEquals(await old.receive(), undefined);
  await old.close();
  await closing;
});

test("requests that arrive after the end of the replies cut none of them", async () => {
  const text = "x".repeat(500_000);
  await using server = await serveMessages({
    address: { port: 0 },
    handlers: { big: () => text },
  });
  const slow = framed(await connect(server.address), envelopes());
  for (const id of [1, 2, 3]) await slow.send(["request", id, "big", null]);
  assertEquals(await slow.receive(), ["reply", 1, text]);
  const closing = server.close();
  while (server.peers.size > 0 && [...server.peers].some(isOpen)) await turn();
  // The server has ended its side and reads on; the replies lie in the sockets.
  await slow.send(["request", 4, "big", null]);
  await slow.send(["ping"]);
  for (let i = 0; i < 20; i++) await turn();
  assertEquals(await slow.receive(), ["reply", 2, text]);
  assertEquals(await slow.receive(), ["reply", 3, text]);
  const others = await rest(slow);
  assertEquals(others.filter(([, name]) => name !== "news").length, 1);
  await slow.close();
  await closing;
  assertEquals((await slow.closed).error, undefined);
});

test("a peer over a format without events of any name sends no goaway", async () => {
  const codec = commandMessages(commandFrame(), { ask: 1 });
  await using server = await serveMessages({
    address: { port: 0 },
    dialect: pipelinedCommands(codec),
    handlers: { ask: () => "answer" },
  });
  const client = framed(await connect(server.address), codec);
  await client.send({ command: "ask", wantsReply: true, body: null });
  assertEquals((await client.receive())?.body, "answer");
  const closing = server.close();
  assertEquals(await client.receive(), undefined);
  await client.close();
  await closing;
  assertEquals((await client.closed).error, undefined);
});

test("a closing peer says the highest number that it has seen", async () => {
  const { peer, other } = peerAndEnvelopes({ handlers: { echo: (x) => x } });
  await other.send(["request", 1, "echo", "a"]);
  await other.send(["request", 2, "echo", "b"]);
  assertEquals(await other.receive(), ["reply", 1, "a"]);
  assertEquals(await other.receive(), ["reply", 2, "b"]);
  const closing = peer.close();
  assertEquals(await rest(other), [["event", "framewire:goaway", 2]]);
  await other.close();
  await closing;
});

test("MessageServer.drained waits for handlers that graceMs has cut off", async () => {
  const { called, answer, handler } = held();
  const server = await serveMessages({
    address: { port: 0 },
    handlers: { wait: handler },
    onConnectionError: () => undefined,
  });
  const client = await connectMessages({ address: server.address });
  const request = client.request("wait", null).catch(() => undefined);
  await called;
  await server.close({ graceMs: 10 });
  await request;
  let drained = false;
  const draining = server.drained.then(() => drained = true);
  await turn();
  assert(!drained, "the handler is at work");
  answer("nobody gets it");
  await draining;
});

test("MessageServer.drained waits for handlers whose clients have gone", async () => {
  const { called, answer, handler } = held();
  const heard = held();
  const server = await serveMessages({
    address: { port: 0 },
    handlers: { wait: handler },
    events: { news: heard.handler },
  });
  assertEquals(server.state, "open");
  const client = await connectMessages({ address: server.address });
  const request = client.request("wait", null).catch(() => undefined);
  await client.emit("news", null);
  await Promise.all([called, heard.called]);
  client.abort();
  await request;
  await server.close();
  assertEquals(server.state, "closed");
  let drained = false;
  const draining = server.drained.then(() => drained = true);
  await turn();
  assert(!drained, "a handler is at work");
  answer("nobody gets it");
  await turn();
  assert(!drained, "a listener is at work");
  heard.answer("done");
  await draining;
});
