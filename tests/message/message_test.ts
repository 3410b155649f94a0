import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { NetError } from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import {
  connectMessages,
  MessageError,
  type MessageServer,
  type Peer,
  serveMessages,
  typed,
} from "../../src/message/mod.ts";
import { Child } from "../interop/child.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";

const commands = {
  echo: { input: typed<string>(), output: typed<string>() },
  wait: { input: typed<null>(), output: typed<string>() },
  fail: { input: typed<null>(), output: typed<null>() },
  refuse: { input: typed<null>(), output: typed<null>() },
  count: { input: typed<number>(), output: typed<number>() },
};
type Api = typeof commands;

/** A server and a client on it, disposed of together. */
async function pair(
  options: { maxRequests?: number; errors?: unknown[] } = {},
): Promise<
  { server: MessageServer<Api>; client: Peer<Api> } & AsyncDisposable
> {
  const { maxRequests = 1_000, errors = [] } = options;
  const server = await serveMessages({
    address: { port: 0 },
    commands,
    maxRequests,
    onError: (error) => void errors.push(error),
  });
  const client = await connectMessages({ address: server.address, commands });
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

test("request() gives each reply to its request, in any order", async () => {
  await using api = await pair();
  const waiting: (() => void)[] = [];
  api.server.on("echo", (text) =>
    new Promise((resolve) => {
      waiting.push(() => resolve(text));
      // The last to come is the first to be answered.
      if (waiting.length === 200) {
        waiting.reverse().forEach((answer) => answer());
      }
    }));
  const texts = Array.from({ length: 200 }, (_, i) => `text ${i}`);
  const replies = await Promise.all(
    texts.map((text) => api.client.request("echo", text)),
  );
  assertEquals(replies, texts);
});

test("request() rejects with NO_HANDLER at once", async () => {
  await using api = await pair();
  const error = await assertRejects(
    () => api.client.request("echo", "x"),
    MessageError,
  );
  assertEquals(error.code, "NO_HANDLER");
});

test("request() rejects with what the handler throws for the other side", async () => {
  const errors: unknown[] = [];
  await using api = await pair({ errors });
  api.server.on("refuse", () => {
    throw new MessageError("NOT_TODAY", "Come back later", { days: 2 });
  });
  api.server.on("fail", () => {
    throw new RangeError("a secret");
  });
  const refused = await assertRejects(
    () => api.client.request("refuse", null),
    MessageError,
    "Come back later",
  );
  assertEquals(refused.code, "NOT_TODAY");
  assertEquals(refused.data, { days: 2 });
  const failed = await assertRejects(
    () => api.client.request("fail", null),
    MessageError,
  );
  assertEquals(failed.code, "HANDLER_FAILED");
  assert(!failed.message.includes("secret"));
  assertEquals(errors.length, 1);
  assertInstanceOf(errors[0], RangeError);
});

test("request() is cancelled by its signal, and the handler is told", async () => {
  await using api = await pair();
  let told: (reason: unknown) => void = () => {};
  const reached = new Promise((resolve) => told = resolve);
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  api.server.on("wait", (_, { signal }) => {
    begun();
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        told(signal.aborted);
        resolve("too late");
      });
    });
  });
  const stop = new AbortController();
  const reason = new Error("enough");
  const request = api.client.request("wait", null, { signal: stop.signal });
  const rejected = assertRejects(() => request);
  await began;
  stop.abort(reason);
  assertEquals(await rejected, reason);
  assertEquals(await reached, true);
});

test("request() rejects with TIMED_OUT after its time limit", async () => {
  await using api = await pair();
  api.server.on("wait", (_, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve("too late"));
    }));
  const error = await assertRejects(
    () => api.client.request("wait", null, { timeoutMs: 30 }),
    NetError,
  );
  assertEquals(error.code, "TIMED_OUT");
});

test("request() rejects with TOO_MANY_REQUESTS over maxRequests", async () => {
  await using api = await pair({ maxRequests: 2 });
  let release: () => void = () => {};
  const released = new Promise<string>((resolve) => {
    release = () => resolve("done");
  });
  api.server.on("wait", () => released);
  const first = [1, 2].map(() => api.client.request("wait", null));
  const error = await assertRejects(
    () => api.client.request("wait", null),
    MessageError,
  );
  assertEquals(error.code, "TOO_MANY_REQUESTS");
  release();
  assertEquals(await Promise.all(first), ["done", "done"]);
});

test("open requests reject, and handlers are told, when the connection ends", async () => {
  await using api = await pair();
  let told: () => void = () => {};
  const reached = new Promise<void>((resolve) => told = resolve);
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  api.server.on("wait", (_, { signal }) => {
    begun();
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        told();
        resolve("");
      });
    });
  });
  const request = assertRejects(() => api.client.request("wait", null));
  await began;
  api.client.abort();
  await request;
  await reached;
});

test("stream() gives the items, as fast as they are taken", async () => {
  await using api = await pair();
  let made = 0;
  api.server.on("count", async function* (to) {
    for (; made < to; made++) yield made;
  });
  let taken = 0;
  for await (const item of api.client.stream("count", 10_000)) {
    assertEquals(item, taken++);
    assert(made - taken <= 130, `${made} made, ${taken} taken`);
  }
  assertEquals(taken, 10_000);
});

test("stream() cancels the rest when its loop is left", async () => {
  await using api = await pair();
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => ended = resolve);
  api.server.on("count", async function* () {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      ended();
    }
  });
  for await (const item of api.client.stream("count", 0)) {
    if (item === 100) break;
  }
  await end;
});

test("a server asks its clients, and tells them of events", async () => {
  await using server = await serveMessages(
    { address: { port: 0 }, commands },
    async (peer) => {
      assertEquals(await peer.request("echo", "who?"), "me: who?");
      await peer.emit("news", [1, 2]);
    },
  );
  await using client = await connectMessages({
    address: server.address,
    commands,
    handlers: { echo: (text) => `me: ${text}` },
  });
  const news = await new Promise((resolve) => {
    client.onEvent("news", resolve);
  });
  assertEquals(news, [1, 2]);
});

test("MessageServer.close() answers the requests under way first", async () => {
  const api = await pair();
  let release: () => void = () => {};
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  api.server.on("wait", () => {
    begun();
    return new Promise((resolve) => release = () => resolve("answered"));
  });
  const request = api.client.request("wait", null);
  await began;
  const closing = api.server.close();
  release();
  assertEquals(await request, "answered");
  await closing;
  await api.client.close();
});

test("every request settles once on 100 networks that reset", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, async (_, seed) => {
      const network = memoryNetwork({
        seed,
        delay: true,
        maxChunkLength: 40,
        resetAfterBytes: 50 + seed * 20,
      });
      const server = await serveMessages({
        address: "memory:api",
        commands,
        network,
        onConnectionError: () => {},
      });
      server.on("echo", (text) => text);
      let replied = 0;
      let failed = 0;
      try {
        const client = await connectMessages({
          address: server.address,
          commands,
          network,
        });
        await Promise.all(Array.from({ length: 20 }, async (_, i) => {
          try {
            assertEquals(await client.request("echo", `${i}`), `${i}`);
            replied++;
          } catch (error) {
            if (!(error instanceof NetError)) throw error;
            failed++;
          }
        }));
        client.abort();
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        failed = 20;
      }
      await server.close();
      assertEquals(replied + failed, 20);
      return failed > 0;
    }),
  );
  assert(outcomes.includes(true), "no network failed");
  assert(outcomes.includes(false), "every network failed");
});

test("every request settles once when the server is killed under load", async () => {
  let replied = 0;
  let failed = 0;
  for (let life = 0; life < 3; life++) {
    await using server = new Child([
      ...thisRuntime,
      projectFile("tests/message/killed_server.ts"),
    ]);
    const client = await connectMessages({ address: await server.firstLine });
    const requests = Array.from({ length: 200 }, async (_, n) => {
      try {
        assertEquals(await client.request("double", n), n * 2);
        replied++;
        if (n === 5) await client.request("die", null);
      } catch (error) {
        assertInstanceOf(error, NetError);
        failed++;
      }
    });
    await Promise.all(requests);
    await client.closed;
    await server.ended;
  }
  // The request that was answered and then asked for the end counts twice.
  assertEquals(replied + failed, 3 * 201);
  assert(failed > 3, "the server was killed too late");
});
