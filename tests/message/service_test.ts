/** Requests to the nodes of a backplane that serve a name. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { FrameError } from "../../mod.ts";
import {
  type Backplane,
  createBackplane,
  type Engine,
  type MemoryEngine,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import {
  type Commands,
  connectMessages,
  connectService,
  type Handlers,
  MessageError,
  type MessageServer,
  serveMessages,
  type ServiceClient,
} from "../../src/message/mod.ts";
import { weightOf } from "../../src/message/rendezvous.ts";
import { type Deferred, deferred } from "../../src/net/deferred.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { NetError } from "../../src/net/mod.ts";
import { sleep, until } from "./support.ts";

const service = "greeter";

/** A node that serves, and how often each command came. */
interface Serving {
  readonly engine: MemoryEngine;
  readonly backplane: Backplane;
  readonly server: MessageServer<Commands>;
}

/** Some nodes that serve, and one more with a client. */
class Cluster {
  readonly system = new MemorySystem();
  readonly engine = this.system.engine();
  readonly nodes: Serving[] = [];
  backplane!: Backplane;
  client!: ServiceClient;

  static async of(
    count: number,
    handlers: (index: number) => Handlers<Commands>,
  ): Promise<Cluster> {
    const cluster = new Cluster();
    for (let i = 0; i < count; i++) await cluster.add(handlers(i));
    cluster.backplane = await createBackplane(cluster.engine);
    cluster.client = connectService({ backplane: cluster.backplane, service });
    return cluster;
  }

  async add(handlers: Handlers<Commands>): Promise<Serving> {
    const engine = this.system.engine();
    const backplane = await createBackplane(engine);
    const server = await serveMessages({ backplane, service, handlers });
    const serving = { engine, backplane, server };
    this.nodes.push(serving);
    return serving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close({ graceMs: 0 });
    for (const { server } of this.nodes) await server.close({ graceMs: 0 });
    for (const { backplane } of this.nodes) await backplane.close();
    await this.backplane.close();
  }
}

async function messageCode(request: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => request, MessageError)).code;
}

async function netCode(request: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => request, NetError)).code;
}

/** A handler that waits until it is told what to answer. */
function held() {
  const calls: { signal: AbortSignal; answer: Deferred<string> }[] = [];
  const handler: Handlers<Commands>[string] = (_, { signal }) => {
    const answer = deferred<string>();
    calls.push({ signal, answer });
    return answer.promise;
  };
  return { calls, handler };
}

test("ServiceClient.request() is answered by a node that serves", async () => {
  await using cluster = await Cluster.of(1, () => ({
    greet: (name, { header }) => `Hello ${name}${header?.["mark"] ?? ""}`,
    fail: () => {
      throw new MessageError("NOT_FOUND", "There is none", { id: 7 });
    },
  }));
  const { client } = cluster;
  assertEquals(await client.request("greet", "Ann"), "Hello Ann");
  const header = { mark: "!" };
  assertEquals(await client.request("greet", "Bob", { header }), "Hello Bob!");
  const error = await assertRejects(
    () => client.request("fail", null),
    MessageError,
  );
  assertEquals([error.code, error.data], ["NOT_FOUND", { id: 7 }]);
  assertEquals(await messageCode(client.request("other", null)), "NO_HANDLER");
  assertEquals(client.stats().made.commands["greet"]?.done, 2);
  assertEquals(client.stats().made.underWay, 0);
  assertEquals(cluster.nodes[0]!.server.peers.size, 1);
  assertEquals(cluster.nodes[0]!.server.stats().connections.accepted, 1);
});

test("ServiceClient.request() reaches a service of its own node", async () => {
  const backplane = await createBackplane(new MemorySystem().engine());
  const handlers = { greet: (name: unknown) => `Hello ${name}` };
  const server = await serveMessages({ backplane, service, handlers });
  const client = connectService({ backplane, service });
  assertEquals(await client.request("greet", "Ann"), "Hello Ann");
  await client.close();
  await server.close();
  await backplane.close();
});

test("serveMessages() serves a socket and nodes, with one setup for both", async () => {
  const backplane = await createBackplane(new MemorySystem().engine());
  const server = await serveMessages(
    { address: { port: 0 }, backplane, service },
    (_, { remoteAddress }) => remoteAddress.transport,
  );
  server.on("from", (_, { context }) => context);
  const overSocket = await connectMessages({ address: server.address });
  const overNodes = connectService({ backplane, service });
  assertEquals(await overSocket.request("from", null), "tcp");
  assertEquals(await overNodes.request("from", null), "node");
  assertEquals(server.peers.size, 2);
  await overSocket.close();
  await overNodes.close();
  await server.close();
  await backplane.close();
});

test("a server can ask the client of a service, as its setup does", async () => {
  const backplane = await createBackplane(new MemorySystem().engine());
  const server = await serveMessages(
    { backplane, service },
    async (peer) => String(await peer.request("token", null)),
  );
  server.on("whoami", (_, { context }) => context);
  const handlers = { token: () => "Ann" };
  const client = connectService({ backplane, service, handlers });
  assertEquals(await client.request("whoami", null), "Ann");
  await client.close();
  await server.close();
  await backplane.close();
});

test("ServiceClient.request() takes the node with the least requests under way", async () => {
  const { calls, handler } = held();
  const counts = [0, 0, 0];
  await using cluster = await Cluster.of(3, (index) => ({
    wait: (body, context) => {
      counts[index]!++;
      return handler!(body, context);
    },
    greet: () => "hello",
    async *count() {
      yield 1;
      yield 2;
    },
  }));
  const { client } = cluster;
  const requests = Array.from({ length: 30 }, () => client.request("wait", 0));
  await until(() => calls.length === 30);
  assertEquals(counts, [10, 10, 10]);
  for (const { answer } of calls.splice(0)) answer.resolve("done");
  await Promise.all(requests);

  // What has ended does not count, nor does a stream that was left.
  const key = "same";
  for (let i = 0; i < 5; i++) {
    await client.request("greet", null, { key });
    for await (const _ of client.stream("count", null, { key })) break;
  }
  counts.fill(0);
  const more = Array.from({ length: 3 }, () => client.request("wait", 0));
  await until(() => calls.length === 3);
  assertEquals(counts, [1, 1, 1]);
  for (const { answer } of calls) answer.resolve("done");
  await Promise.all(more);
});

test("ServiceClient.request() leaves ties to chance", async () => {
  const counts = [0, 0];
  await using cluster = await Cluster.of(2, (index) => ({
    count: () => ++counts[index]!,
  }));
  for (let i = 0; i < 100; i++) await cluster.client.request("count", null);
  // That one of them gets less than 20 has a chance below one in a billion.
  assert(counts.every((count) => count >= 20), `${counts}`);
});

test("requests with a key stay with their node, and only those of a node that leaves move", async () => {
  await using cluster = await Cluster.of(4, (index) => ({
    where: () => index,
  }));
  const { client } = cluster;
  const keys = Array.from({ length: 200 }, (_, i) => `user ${i}`);
  const places = () =>
    Promise.all(
      keys.map((key) => client.request("where", null, { key })),
    ) as Promise<number[]>;
  const before = await places();
  assertEquals(await places(), before);
  for (let index = 0; index < 4; index++) {
    const share = before.filter((place) => place === index).length;
    assert(share >= 25 && share <= 80, `node ${index} has ${share}`);
  }
  await cluster.nodes[2]!.server.close();
  const after = await places();
  for (const [i, place] of before.entries()) {
    if (place === 2) assert(after[i] !== 2);
    else assertEquals(after[i], place);
  }
  const spread = new Set(after.filter((_, i) => before[i] === 2));
  assertEquals(spread.size, 3);
});

test("weightOf() spreads keys evenly over nodes with like ids", () => {
  const nodes = ["node-1", "node-2", "node-3", "node-4"];
  const counts = nodes.map(() => 0);
  for (let key = 0; key < 4_000; key++) {
    const weights = nodes.map((node) => weightOf(`user ${key}`, node));
    counts[weights.indexOf(Math.max(...weights))]!++;
  }
  assert(counts.every((count) => count > 900 && count < 1_100), `${counts}`);
});

test("ServiceClient.request() rejects with NO_HANDLER at once where nobody serves the name", async () => {
  await using cluster = await Cluster.of(0, () => ({}));
  let sent = 0;
  const { send } = cluster.engine;
  cluster.engine.send = (...args) => {
    sent++;
    return send.apply(cluster.engine, args);
  };
  assertEquals(
    await messageCode(cluster.client.request("greet", "Ann")),
    "NO_HANDLER",
  );
  assertEquals(
    await messageCode(cluster.client.stream("greet", "Ann").next()),
    "NO_HANDLER",
  );
  assertEquals(sent, 0);
  await cluster.add({ greet: (name) => `Hello ${name}` });
  assertEquals(await cluster.client.request("greet", "Ann"), "Hello Ann");
});

test("ServiceClient.stream() gives all items, and a slow reader holds the source back", async () => {
  let produced = 0;
  let ended = false;
  await using cluster = await Cluster.of(1, () => ({
    async *count(to) {
      try {
        for (let i = 1; i <= Number(to); i++) {
          produced++;
          yield i;
        }
      } finally {
        ended = true;
      }
    },
  }));
  const { client } = cluster;
  const all: unknown[] = [];
  for await (const item of client.stream("count", 1_000)) all.push(item);
  assertEquals(all, Array.from({ length: 1_000 }, (_, i) => i + 1));

  produced = 0;
  ended = false;
  const items = client.stream("count", 1e9);
  assertEquals((await items.next()).value, 1);
  await sleep(50);
  assert(produced <= 66, `${produced} items were made for one that was read`);
  await items.return();
  await until(() => ended);
});

test("the signal and the time limit of a request reach the handler on the other node", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({ wait: handler! }));
  const { client } = cluster;
  const controller = new AbortController();
  const { signal } = controller;
  const cancelled = client.request("wait", null, { signal });
  await until(() => calls.length === 1);
  const reason = new Error("not wanted");
  controller.abort(reason);
  assertEquals(await assertRejects(() => cancelled, Error), reason);
  await until(() => calls[0]!.signal.aborted);

  const late = client.request("wait", null, { timeoutMs: 20 });
  assertEquals(await netCode(late), "TIMED_OUT");
  await until(() => calls[1]?.signal.aborted === true);

  const key = "here";
  const left = client.stream("wait", null, {
    signal: AbortSignal.abort(),
    key,
  });
  await assertRejects(() => left.next());
  assertEquals(client.stats().made.underWay, 0);
});

test("the time limit of a request counts while the session is being opened", async () => {
  await using cluster = await Cluster.of(1, () => ({ greet: () => "hello" }));
  const [node] = cluster.nodes;
  // It takes requests no more, and seems to live.
  node!.engine.send = () => undefined;
  const since = performance.now();
  const request = cluster.client.request("greet", null, { timeoutMs: 30 });
  assertEquals(await netCode(request), "TIMED_OUT");
  // Neither did the opening take as long as it may, nor did the node seem dead.
  assert(performance.now() - since < 3_000);
});

test("a handler can ask another service, and its time-out ends both", async () => {
  const { calls, handler } = held();
  const system = new MemorySystem();
  const engines = [system.engine(), system.engine(), system.engine()] as const;
  const a = await createBackplane(engines[0]);
  const b = await createBackplane(engines[1]);
  const c = await createBackplane(engines[2]);
  const last = await serveMessages({
    backplane: c,
    service: "last",
    handlers: { wait: handler!, shout: (text) => String(text).toUpperCase() },
  });
  const onward = connectService({ backplane: b, service: "last" });
  const first = await serveMessages({
    backplane: b,
    service: "first",
    handlers: {
      shout: (text) => onward.request("shout", text),
      wait: (_, { signal }) => onward.request("wait", null, { signal }),
    },
  });
  const client = connectService({ backplane: a, service: "first" });
  assertEquals(await client.request("shout", "hello"), "HELLO");
  const late = client.request("wait", null, { timeoutMs: 20 });
  assertEquals(await netCode(late), "TIMED_OUT");
  await until(() => calls[0]?.signal.aborted === true);
  await client.close();
  await first.close();
  await onward.close();
  await last.close();
  for (const backplane of [a, b, c]) await backplane.close();
});

test("a server that closes gives up its name first, and answers what is under way", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({ wait: handler! }));
  const { client, backplane } = cluster;
  const [node] = cluster.nodes;
  const underWay = client.request("wait", null);
  await until(() => calls.length === 1);
  const closing = node!.server.close();
  assertEquals(backplane.serving(`service:${service}`), []);
  assertEquals(await messageCode(client.request("wait", 1)), "NO_HANDLER");
  calls[0]!.answer.resolve("answered");
  assertEquals(await underWay, "answered");
  await closing;
  assertEquals(node!.server.stats().connections.open, 0);
});

test("a node that serves again gets requests while its server before answers", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({ wait: handler! }));
  const { client } = cluster;
  const { server, backplane } = cluster.nodes[0]!;
  const underWay = client.request("wait", null);
  await until(() => calls.length === 1);
  const closing = server.close();
  const handlers = { greet: () => "hello" };
  const next = await serveMessages({ backplane, service, handlers });
  await sleep(5);
  assertEquals(await client.request("greet", null), "hello");
  calls[0]!.answer.resolve("answered");
  assertEquals(await underWay, "answered");
  await closing;
  await next.close({ graceMs: 0 });
});

test("a node that closes while a session is opened refuses it, and another one answers", async () => {
  await using cluster = await Cluster.of(2, (index) => ({
    where: () => index,
  }));
  const { client, engine } = cluster;
  const spy = spied(engine);
  const opening = deferred<void>();
  const release = deferred<void>();
  const [node] = cluster.nodes;
  const { listen } = node!.engine;
  node!.engine.listen = async (...args) => {
    opening.resolve();
    await release.promise;
    return listen.apply(node!.engine, args);
  };
  const requests = [
    client.request("where", null),
    client.request("where", null),
  ];
  await opening.promise;
  await node!.server.close();
  release.resolve();
  assertEquals(await Promise.all(requests), [1, 1]);
  // One session is left: its channel, and its listener for the state.
  assertEquals(spy.listening().length, 2);
});

test("requests that a node which closes has not handled go to another at once", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(2, () => ({
    wait: handler!,
    greet: () => "hello",
  }));
  const { client } = cluster;
  // One on each, so that both sessions are open.
  const held2 = [client.request("wait", 0), client.request("wait", 0)];
  await until(() => calls.length === 2);
  const [node] = cluster.nodes;
  const requests = Array.from(
    { length: 50 },
    () => client.request("greet", null),
  );
  // Those that were written arrive after the node has said up to which it answers.
  const closing = node!.server.close();
  assertEquals(await Promise.all(requests), Array(50).fill("hello"));
  for (const { answer } of calls) answer.resolve("answered");
  assertEquals(await Promise.all(held2), ["answered", "answered"]);
  await closing;
});

test("requests to a node that dies settle once, and repeatable ones go to another", async () => {
  const { calls, handler } = held();
  const where: number[] = [];
  await using cluster = await Cluster.of(2, (index) => ({
    wait: (body, context) => {
      where.push(index);
      return handler!(body, context);
    },
  }));
  const { client } = cluster;
  let settled = 0;
  const count = () => void settled++;
  const requests = [
    client.request("wait", 0),
    client.request("wait", 0),
    client.request("wait", 0, { repeatable: true }),
    client.request("wait", 0, { repeatable: true }),
  ];
  for (const request of requests) request.then(count, count);
  await until(() => calls.length === 4);
  assertEquals(where.toSorted(), [0, 0, 1, 1]);
  const since = performance.now();
  const [dead] = cluster.nodes;
  dead!.engine.setState("down");
  // Only its own side knows it by now.
  await until(() => calls.filter(({ signal }) => signal.aborted).length === 2);
  await until(() => calls.length > 4);
  const tookMs = performance.now() - since;
  assert(tookMs < 6_000, `${tookMs}`);
  assertEquals(where.slice(4).every((index) => index === 1), true);
  for (const { answer } of calls) answer.resolve("answered");
  const results = await Promise.allSettled(requests);
  assertEquals(results.slice(2).map(({ status }) => status), [
    "fulfilled",
    "fulfilled",
  ]);
  const lost = results.filter(({ status }) => status === "rejected");
  // Of the first two, one was on each node.
  assertEquals(lost.length, 1);
  const [first] = lost;
  assert(first?.status === "rejected" && first.reason instanceof NetError);
  assertEquals(first.reason.code, "CONNECTION_RESET");
  assertEquals(settled, 4);
});

test("a request is repeated no more often than maxRepeats", async () => {
  let handled = 0;
  await using cluster = await Cluster.of(1, () => ({
    cut: (_, { peer }) => {
      handled++;
      peer.abort();
      return new Promise(() => undefined);
    },
  }));
  const { client, backplane } = cluster;
  const cut = client.request("cut", null, { repeatable: true });
  assertEquals(await netCode(cut), "CONNECTION_RESET");
  assertEquals(handled, 4);
  assertEquals(await netCode(client.request("cut", null)), "CONNECTION_RESET");
  assertEquals(handled, 5);
  const never = connectService({ backplane, service, maxRepeatsPercent: 0 });
  const error = await assertRejects(
    () => never.request("cut", null, { repeatable: true }),
    NetError,
  );
  assertEquals(error.limit, "maxRepeatsPercent");
  assertEquals(handled, 6);
  await never.close();
});

test("all rejects with UNAVAILABLE at once while the engine is away, and works when it is back", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({
    wait: handler!,
    greet: () => "hello",
  }));
  const { client, engine } = cluster;
  const underWay = client.request("wait", null);
  const items = client.stream("wait", null);
  const item = items.next();
  await until(() => calls.length === 2);
  engine.setState("down");
  assertEquals(await netCode(underWay), "UNAVAILABLE");
  assertEquals(await netCode(item), "UNAVAILABLE");
  assertEquals(await netCode(client.request("greet", null)), "UNAVAILABLE");
  const other = connectService({ backplane: cluster.backplane, service: "-" });
  assertEquals(await netCode(other.request("greet", null)), "UNAVAILABLE");
  // The other node does not know it yet.
  assertEquals(calls.filter(({ signal }) => signal.aborted).length, 0);
  engine.setState("up");
  assertEquals(await client.request("greet", null), "hello");
  await until(() => calls.every(({ signal }) => signal.aborted));
});

test("requests of a node that was away are lost with its sessions, not with time", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({ wait: handler! }));
  const underWay = cluster.client.request("wait", null, {
    timeoutMs: Infinity,
  });
  await until(() => calls.length === 1);
  const { engine } = cluster.nodes[0]!;
  engine.setState("down");
  engine.setState("up");
  assertEquals(await netCode(underWay), "CONNECTION_RESET");
});

test("a message that is lost ends the session, and its requests reject", async () => {
  await using cluster = await Cluster.of(1, () => ({ greet: () => "hello" }));
  const { client, engine } = cluster;
  await client.request("greet", null);
  const { send } = engine;
  engine.send = () => undefined;
  const lost = client.request("greet", 1);
  await sleep(0);
  engine.send = send;
  const next = client.request("greet", 2);
  // Before the client can have heard of the end of the session.
  const after = lost.catch(() => client.request("greet", 3));
  assertEquals(await netCode(lost), "CONNECTION_RESET");
  assertEquals(await netCode(next), "CONNECTION_RESET");
  assertEquals(await after, "hello");
});

test("a message that is lost is missed by the next heartbeat", async () => {
  await using cluster = await Cluster.of(1, () => ({ greet: () => "hello" }));
  const { backplane, engine } = cluster;
  const client = connectService({ backplane, service, heartbeatMs: 20 });
  await client.request("greet", null);
  const { send } = engine;
  engine.send = () => undefined;
  const lost = client.request("greet", 1);
  await sleep(0);
  engine.send = send;
  assertEquals(await netCode(lost), "CONNECTION_RESET");
  await client.close();
});

test("long bodies go in pieces, and those too long for a frame are refused alone", async () => {
  await using cluster = await Cluster.of(1, () => ({
    echo: (text) => text,
    grow: (length) => "x".repeat(Number(length)),
  }));
  const { client, engine } = cluster;
  let longest = 0;
  const { send } = engine;
  engine.send = (channel, bytes) => {
    longest = Math.max(longest, bytes.length);
    return send.call(engine, channel, bytes);
  };
  const long = "é".repeat(300_000);
  const [first, second] = await Promise.all([
    client.request("echo", long),
    client.request("echo", "short"),
  ]);
  assert(first === long);
  assertEquals(second, "short");
  assert(longest <= 65_600, `${longest}`);
  const short = client.request("echo", "short");
  const error = await assertRejects(
    () => client.request("echo", "x".repeat(2_000_000)),
    FrameError,
  );
  assertEquals(error.code, "FRAME_TOO_LARGE");
  assertEquals(await short, "short");
  assertEquals(cluster.nodes[0]!.server.stats().connections.accepted, 1);
});

test("1,000 requests at a time over three nodes settle each once", async () => {
  await using cluster = await Cluster.of(3, () => ({
    double: async (n) => {
      await sleep(Number(n) % 3);
      return Number(n) * 2;
    },
  }));
  const { client } = cluster;
  const replies = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => client.request("double", n)),
  );
  assertEquals(replies, Array.from({ length: 1_000 }, (_, n) => n * 2));
  const { made } = client.stats();
  assertEquals([made.underWay, made.commands["double"]?.done], [0, 1_000]);
  for (const { server } of cluster.nodes) assertEquals(server.peers.size, 1);
});

test("requests of one turn go in one message", async () => {
  await using cluster = await Cluster.of(1, () => ({ greet: () => "hello" }));
  const { client, engine } = cluster;
  await client.request("greet", null);
  let sent = 0;
  const { send } = engine;
  engine.send = (channel, bytes) => {
    if (channel.startsWith("channel:session:")) sent++;
    return send.call(engine, channel, bytes);
  };
  await Promise.all(
    Array.from({ length: 100 }, () => client.request("greet", null)),
  );
  assertEquals(sent, 1);
});

test("MessageServer limits hold for the nodes that ask", async () => {
  const { calls, handler } = held();
  const backplane = await createBackplane(new MemorySystem().engine());
  const server = await serveMessages({
    backplane,
    service,
    handlers: { wait: handler! },
    maxRequests: 1,
    handlerTimeoutMs: 20,
    onError: () => undefined,
  });
  const client = connectService({ backplane, service });
  const slow = client.request("wait", null);
  assertEquals(
    await messageCode(client.request("wait", null)),
    "TOO_MANY_REQUESTS",
  );
  assertEquals(await messageCode(slow), "HANDLER_TIMED_OUT");
  for (const { answer } of calls) answer.resolve("");
  await client.close();
  await server.close();
  await backplane.close();
});

test("ServiceClient.close() waits for replies, and refuses further requests", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({ wait: handler! }));
  const { client } = cluster;
  const underWay = client.request("wait", null);
  await until(() => calls.length === 1);
  const closing = client.close();
  assertEquals(
    await netCode(client.request("wait", null)),
    "CONNECTION_CLOSED",
  );
  calls[0]!.answer.resolve("answered");
  assertEquals(await underWay, "answered");
  await closing;
  await client.close();
});

test("ServiceClient.close() ends what is not answered in time", async () => {
  const { calls, handler } = held();
  await using cluster = await Cluster.of(1, () => ({ wait: handler! }));
  const { client } = cluster;
  const underWay = client.request("wait", null);
  await until(() => calls.length === 1);
  const refused = netCode(underWay);
  await client.close({ graceMs: 10 });
  assertEquals(await refused, "CONNECTION_CLOSED");
  await until(() => calls[0]!.signal.aborted);
});

/** An engine that counts who listens. */
function spied(
  engine: MemoryEngine,
): { engine: Engine; listening(): string[] } {
  const all = new Map<object, string>();
  const { listen, onState } = engine;
  const counted = (name: string, stop: () => void) => {
    const key = {};
    all.set(key, name);
    return () => {
      all.delete(key);
      stop();
    };
  };
  engine.onState = (listener) =>
    counted("state", onState.call(engine, listener));
  engine.listen = async (channel, onBytes) =>
    counted(channel, await listen.call(engine, channel, onBytes));
  return { engine, listening: () => [...all.values()] };
}

test("nothing listens after a client and a server of a service were closed", async () => {
  const system = new MemorySystem();
  const spies = [spied(system.engine()), spied(system.engine())] as const;
  const a = await createBackplane(spies[0].engine);
  const b = await createBackplane(spies[1].engine);
  const nodeListeners = { a: 0, b: 0 };
  for (const [name, node] of [["a", a], ["b", b]] as const) {
    const { onNode } = node;
    node.onNode = (listener) => {
      const stop = onNode.call(node, listener);
      nodeListeners[name]++;
      return () => {
        nodeListeners[name]--;
        stop();
      };
    };
  }
  const before = spies.map(({ listening }) => listening());
  for (const end of ["close", "abort", "serverFirst", "down"]) {
    const server = await serveMessages({
      backplane: b,
      service,
      handlers: { greet: () => "hello", cut: (_, { peer }) => peer.abort() },
    });
    const client = connectService({ backplane: a, service });
    assertEquals(await client.request("greet", null), "hello");
    assertEquals(spies[0].listening().length, before[0]!.length + 2);
    assertEquals(nodeListeners, { a: 1, b: 1 });
    if (end === "abort") await client.request("cut", null).catch(() => 0);
    if (end === "serverFirst") await server.close();
    if (end === "down") {
      (spies[0].engine as MemoryEngine).setState("down");
      await sleep(1);
      (spies[0].engine as MemoryEngine).setState("up");
    }
    await client.close();
    await server.close();
    assertEquals(spies.map(({ listening }) => listening()), before);
    assertEquals(nodeListeners, { a: 0, b: 0 });
  }
  await a.close();
  await b.close();
});

test("serveMessages() refuses a name that its node serves already", async () => {
  const backplane = await createBackplane(new MemorySystem().engine());
  const server = await serveMessages({ backplane, service });
  await assertRejects(
    () => serveMessages({ backplane, service }),
    TypeError,
    "this node serves it already",
  );
  const [network, address] = [memoryNetwork(), "memory:sockets"];
  await assertRejects(
    () => serveMessages({ address, network, backplane, service }),
    TypeError,
    "this node serves it already",
  );
  await (await network.listen(address)).close(); // it is free
  await server.close();
  const again = await serveMessages({ backplane, service });
  assertEquals(again.address, { transport: "node", nodeId: backplane.nodeId });
  await again.close();
  await backplane.close();
});

test("serveMessages() and connectService() refuse options that go together, or are none", async () => {
  const backplane = await createBackplane(new MemorySystem().engine());
  const refused = async (options: object, message: string) => {
    await assertRejects(() => serveMessages(options), TypeError, message);
  };
  await refused({}, "Cannot read the address");
  await refused({ backplane }, "Cannot use backplane without service");
  await refused({ service }, "Cannot use service without backplane");
  await refused(
    { backplane, service, tls: { cert: "", key: "" } },
    "Cannot use tls without address",
  );
  await refused(
    { backplane, service, webSocket: {} },
    "Cannot use webSocket without address",
  );
  await refused({ backplane: {}, service }, "Cannot use backplane");
  const client = (options: object) => () =>
    void connectService(options as Parameters<typeof connectService>[0]);
  assertThrows(client({ service }), TypeError, "Cannot use backplane");
  assertThrows(client({ backplane }), TypeError, "Cannot use service");
  assertThrows(client({ backplane, service, port: 1 }), TypeError, "port");
  assertThrows(
    client({ backplane, service, maxRepeats: -1 }),
    RangeError,
    "maxRepeats",
  );
  const bad = connectService({ backplane, service });
  const error = await assertRejects(
    () => bad.request("greet", null, { timeoutMs: 0 }),
  );
  assertInstanceOf(error, RangeError);
  await bad.close();
  await backplane.close();
});
