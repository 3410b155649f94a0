import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { framed, FrameError, lines, NetError } from "../../mod.ts";
import {
  type Commands,
  connectMessages,
  envelopes,
  MessageError,
  Peer,
  pipelined,
  serveMessages,
} from "../../src/message/mod.ts";
import type { StandardSchema } from "../../src/codec/views/standard_schema.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { peerAndEnvelopes, sleep, until } from "./support.ts";

interface User {
  readonly user: string;
}

test("serveMessages() gives what setup returns to handlers and listeners as their context", async () => {
  const heard: unknown[] = [];
  await using server = await serveMessages<Commands, User>({
    address: { port: 0 },
    handlers: {
      whoami: (_, { context, peer }) => [context.user, peer.context.user],
    },
    events: {
      hello: (body, { context, peer }) =>
        void heard.push(body, context.user, peer.context.user),
    },
  }, async (peer) => ({ user: String(await peer.request("token", null)) }));
  server.on("again", (_, { context }) => context.user);
  const { address } = server;
  const clients = await Promise.all(
    ["a", "b"].map((token) =>
      connectMessages({ address, handlers: { token: () => token } })
    ),
  );
  for (const [i, client] of clients.entries()) {
    const user = "ab"[i]!;
    assertEquals(await client.request("whoami", null), [user, user]);
    assertEquals(await client.request("again", null), user);
  }
  await clients[0]!.emit("hello", 1);
  await until(() => heard.length === 3);
  assertEquals(heard, [1, "a", "a"]);
  for (const client of clients) await client.close();
});

test("what arrives before an asynchronous setup has finished waits for it", async () => {
  const heard: unknown[] = [];
  await using server = await serveMessages({
    address: { port: 0 },
  }, async (peer) => {
    await sleep(20);
    // Replies must not wait: they would wait for each other.
    const name = await peer.request("name", null);
    await sleep(20);
    peer.on("greet", () => `Hello ${name}`);
    peer.onEvent("early", (body) => void heard.push(body));
  });
  const { address } = server;
  await using client = await connectMessages({
    address,
    handlers: { name: () => "Michael" },
  });
  for (let i = 0; i < 10; i++) await client.emit("early", i);
  assertEquals(await client.request("greet", null), "Hello Michael");
  assertEquals(heard, Array.from({ length: 10 }, (_, i) => i));
});

test("a setup may close its peer, and one that throws ends the connection", async (context) => {
  const reported = context.mock.method(console, "error", () => undefined);
  let handled = 0;
  const handlers = { count: () => ++handled };
  await using closing = await serveMessages(
    { address: { port: 0 }, handlers },
    (peer) => peer.close(),
  );
  await using one = await connectMessages({ address: closing.address });
  await assertRejects(() => one.request("count", null));

  const fault = new NetError("CONNECTION_REFUSED", "the database is down");
  // Not before the client has seen that it is connected.
  const fail = () => sleep(10).then(() => Promise.reject(fault));
  await using failing = await serveMessages(
    { address: { port: 0 }, handlers },
    fail,
  );
  await using two = await connectMessages({ address: failing.address });
  await assertRejects(() => two.request("count", null), NetError);
  await until(() => reported.mock.callCount() > 0);
  assertEquals(reported.mock.callCount(), 1);
  const report: readonly unknown[] = reported.mock.calls[0]!.arguments;
  assert(report.includes(fault));

  const errors: unknown[] = [];
  await using told = await serveMessages(
    {
      address: { port: 0 },
      handlers,
      onConnectionError: (error) => void errors.push(error),
    },
    fail,
  );
  await using three = await connectMessages({ address: told.address });
  await assertRejects(() => three.request("count", null), NetError);
  await until(() => errors.length > 0);
  assertEquals(errors, [fault]);
  assertEquals(handled, 0);
  assertEquals(reported.mock.callCount(), 1);
});

test("serveMessages() reports errors of the program by default, and none of clients", async (context) => {
  const reported = context.mock.method(console, "error", () => undefined);
  await using server = await serveMessages({
    address: { port: 0 },
    maxSendBuffer: 10_000,
    handlers: {
      upstream: () =>
        Promise.reject(new NetError("CONNECTION_REFUSED", "upstream is down")),
      large: (_, { peer }) => {
        void peer.emit("before", "x".repeat(20_000));
        return "x".repeat(20_000);
      },
    },
  });
  const { address } = server;
  // Errors of clients: a wrong envelope, a reply to nothing, an unknown command.
  const bad = await connectMessages({ address });
  void bad.request("nobody", null).catch(() => undefined);
  await until(() => server.peers.size === 1);
  bad.abort();
  await until(() => server.peers.size === 0);
  const [client] = await Promise.all([connectMessages({ address })]);
  assertEquals(reported.mock.callCount(), 0);
  // Errors of the program.
  await assertRejects(() => client.request("upstream", null), MessageError);
  assertEquals(reported.mock.callCount(), 1);
  await assertRejects(() => client.request("large", null), NetError);
  assertEquals(reported.mock.callCount(), 2);
  const told: readonly unknown[] = reported.mock.calls[1]!.arguments;
  const error = told.find((argument) => argument instanceof NetError);
  assertEquals(error?.code, "SEND_BUFFER_FULL");
  await client.close();
});

test("listeners given with the options miss no event", async () => {
  const heard: unknown[] = [];
  await using server = await serveMessages({ address: { port: 0 } }, (peer) => {
    void peer.emit("welcome", 1);
  });
  await using _client = await connectMessages({
    address: server.address,
    events: { welcome: (body) => void heard.push(body) },
  });
  await until(() => heard.length > 0);
  assertEquals(heard, [1]);
  const { peer, other } = peerAndEnvelopes<User>({
    context: { user: "a" },
    events: { news: (body, context) => void heard.push(body, context.context) },
  });
  await other.send(["event", "news", 2]);
  await until(() => heard.length > 1);
  assertEquals(heard, [1, 2, { user: "a" }]);
  await peer.close();
});

test("requests that fail together get an error each, with its command and the cause", async () => {
  const { peer, other } = peerAndEnvelopes();
  const names = ["first", "second", "third"];
  const errors = Promise.all(
    names.map((name) =>
      assertRejects(() => peer.request(name, null), NetError)
    ),
  );
  const item = assertRejects(() => peer.stream("items", null).next(), NetError);
  await other.receive();
  const reason = new NetError("CONNECTION_RESET", "the line is cut");
  peer.abort(reason);
  const all = [...await errors, await item];
  assertEquals(new Set(all).size, 4);
  for (const [i, error] of all.entries()) {
    assertEquals(error.code, "CONNECTION_RESET");
    assertEquals(error.cause, reason);
    assert(error.message.includes([...names, "items"][i]!), error.message);
  }
  // Those that come too late as well.
  const [one, two] = await Promise.all([
    assertRejects(() => peer.request("late", null), NetError),
    assertRejects(() => peer.request("late", null), NetError),
  ]);
  assert(one !== two);
  assertEquals(one.cause, reason);
});

test("requests that fail for bad data get a FrameError each", async () => {
  const { peer, other } = peerAndEnvelopes();
  const errors = Promise.all(
    ["a", "b"].map((name) =>
      assertRejects(() => peer.request(name, null), FrameError)
    ),
  );
  await other.send(["reply", 77, null]);
  const [one, two] = await errors;
  assert(one !== two);
  assertEquals(one!.code, "MESSAGE_INVALID");
  assertEquals(one!.cause, (await peer.closed).error);
});

test("the issues of a schema travel as data", async () => {
  const input: StandardSchema<unknown> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => ({
        issues: [
          { message: "too short", path: ["name", 0, { key: "first" }] },
          { message: "no", path: [Symbol("s")] },
          { message: "missing" },
        ],
      }),
    },
  };
  await using server = await serveMessages({
    address: { port: 0 },
    commands: { check: { input } },
    handlers: { check: () => null },
  });
  await using client = await connectMessages({ address: server.address });
  const error = await assertRejects(
    () => client.request("check", {}),
    MessageError,
  );
  assertEquals(error.code, "BODY_INVALID");
  assertEquals(error.data, {
    issues: [
      { message: "too short", path: ["name", 0, "first"] },
      { message: "no", path: ["Symbol(s)"] },
      { message: "missing", path: [] },
    ],
  });
});

test("a Peer tells its channel whether requests are under way", async () => {
  const [here, there] = streamPair();
  const connection = framed(here, envelopes(), quick);
  const other = framed(there, envelopes());
  let finish: (value: string) => void = () => {};
  const peer = new Peer(connection, {
    handlers: {
      wait: () => new Promise<string>((resolve) => finish = resolve),
    },
  });
  assertEquals(connection.busy, false);
  const request = peer.request("x", null);
  assertEquals(connection.busy, true);
  await other.receive();
  await other.send(["reply", 1, null]);
  await request;
  assertEquals(connection.busy, false);
  await other.send(["request", 1, "wait", null]);
  await until(() => connection.busy);
  finish("done");
  assertEquals(await other.receive(), ["reply", 1, "done"]);
  await until(() => !connection.busy);
  await peer.close();
});

test("pipelined() passes on whether requests are under way", () => {
  const busy: boolean[] = [];
  const bare = {
    closed: new Promise<never>(() => undefined),
    send: () => undefined,
    forEach: () => undefined,
    set busy(value: boolean) {
      busy.push(value);
    },
  };
  const { open } = pipelined(lines());
  const channel = open(bare as unknown as Parameters<typeof open>[0]);
  channel.busy = true;
  channel.busy = false;
  assertEquals(busy, [true, false]);
  assertInstanceOf(channel, Object);
});

test("a signal has no listener any more once its request has settled", async () => {
  const { peer, other } = peerAndEnvelopes();
  const stop = new AbortController();
  const { signal } = stop;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const replied = peer.request("a", null, { signal });
  const refused = assertRejects(() => peer.request("b", null, { signal }));
  const late = assertRejects(() =>
    peer.request("c", null, { signal, timeoutMs: 10 })
  );
  const items = peer.stream("d", null, { signal });
  const item = items.next();
  assertEquals(listeners, 4);
  await other.send(["reply", 1, null]);
  await other.send(["error", 2, "NO", "", null]);
  await other.send(["item", 4, 1]);
  await Promise.all([replied, refused, late, item]);
  await items.return();
  assertEquals(listeners, 0);
  await peer.close();
});

test("MessageServer.peers has the peers of open connections only", async () => {
  await using server = await serveMessages({ address: { port: 0 } });
  const { address } = server;
  for (let i = 0; i < 3; i++) {
    const client = await connectMessages({ address });
    await until(() => server.peers.size === 1);
    await client.close();
    await until(() => server.peers.size === 0);
  }
});
