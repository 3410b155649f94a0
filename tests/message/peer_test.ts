import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  connect,
  type Framed,
  framed,
  FrameError,
  lengthPrefixed,
  NetError,
} from "../../mod.ts";
import {
  connectMessages,
  type Envelope,
  envelopes,
  MessageError,
  Peer,
  type PeerOptions,
  serveMessages,
  typed,
} from "../../src/message/mod.ts";
import type { StandardSchema } from "../../src/codec/views/standard_schema.ts";
import { deferred } from "../../src/net/deferred.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { HandTicker } from "../support/hand_ticker.ts";

/** Takes a whole number from `least` on, and hands out its double. */
function doubled(least: number): StandardSchema<number> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        Number.isInteger(value) && Number(value) >= least
          ? { value: Number(value) * 2 }
          : { issues: [{ message: `less than ${least}` }] },
    },
  };
}

const commands = {
  half: { input: doubled(1), output: doubled(10) },
  echo: { input: typed<string>(), output: typed<unknown>() },
  count: { input: typed<number>(), output: typed<number>() },
};
type Api = typeof commands;

/** A peer, and the bare envelopes of its other side. */
function peerAndEnvelopes(
  options: PeerOptions<Api> = {},
): { peer: Peer<Api>; other: Framed<Envelope> } {
  const [here, there] = streamPair();
  const peer = new Peer<Api>(framed(here, envelopes(), quick), options);
  return { peer, other: framed(there, envelopes()) };
}

/** The code of the error that a promise rejects with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise);
  assert(
    error instanceof MessageError || error instanceof NetError ||
      error instanceof FrameError,
    String(error),
  );
  return error.code;
}

// Schemas

test("request() and its handler have what the schemas make of the bodies", async () => {
  const { peer, other } = peerAndEnvelopes({
    commands,
    handlers: { half: (n) => n + 9 },
  });
  await other.send(["request", 1, "half", 1]);
  // 1 is doubled for the handler; what the handler gives goes as it is.
  assertEquals(await other.receive(), ["reply", 1, 11]);
  const request = peer.request("half", 5);
  assertEquals(await other.receive(), ["request", 1, "half", 5]);
  await other.send(["reply", 1, 20]);
  assertEquals(await request, 40);
  await peer.close();
});

test("what is not of its schema is refused on the side that has it", async () => {
  const errors: unknown[] = [];
  const { peer, other } = peerAndEnvelopes({
    commands,
    handlers: { half: () => 3 },
    onError: (error) => void errors.push(error),
  });
  // A body that is given.
  assertEquals(await codeOf(peer.request("half", 0)), "BODY_INVALID");
  assertEquals(await codeOf(peer.stream("half", 0).next()), "BODY_INVALID");
  // A reply that comes, and an item.
  const request = peer.request("half", 1);
  assertEquals(await other.receive(), ["request", 1, "half", 1]);
  await other.send(["reply", 1, 9]);
  assertEquals(await codeOf(request), "BODY_INVALID");
  const item = peer.stream("half", 1).next();
  assertEquals(await other.receive(), ["stream", 2, "half", 1, 64]);
  await other.send(["item", 2, 9]);
  assertEquals(await codeOf(item), "BODY_INVALID");
  assertEquals(await other.receive(), ["cancel", 2]);
  // A body that comes.
  await other.send(["request", 7, "half", "x"]);
  const refusal = await other.receive();
  assertEquals(refusal?.slice(0, 3), ["error", 7, "BODY_INVALID"]);
  assertEquals(errors, []);
  // A reply of the handler: its fault, so this side is told as well.
  await other.send(["request", 8, "half", 1]);
  const fault = await other.receive();
  assertEquals(fault?.slice(0, 3), ["error", 8, "BODY_INVALID"]);
  assertEquals(errors.length, 1);
  await peer.close();
});

// What cannot be sent

test("a reply that is no JSON, or too long, is an error on both sides", async () => {
  const errors: unknown[] = [];
  const [here, there] = streamPair();
  const small = envelopes(lengthPrefixed({ maxFrameLength: 1_000 }));
  const replies: Record<string, unknown> = {
    bigint: 1n,
    nothing: undefined,
    long: "x".repeat(1_000),
  };
  const peer = new Peer(framed(here, small, quick), {
    handlers: { echo: (name) => replies[String(name)] },
    onError: (error) => void errors.push(error),
  });
  const other = framed(there, small);
  for (const [i, name] of ["bigint", "long"].entries()) {
    await other.send(["request", i + 1, "echo", name]);
    const answer = await other.receive();
    assertEquals(answer?.slice(0, 3), ["error", i + 1, "HANDLER_FAILED"]);
    assertInstanceOf(errors[i], FrameError);
  }
  // An error whose data is too long is told without it.
  peer.on("refuse", () => {
    throw new MessageError("NO", "not this", "x".repeat(1_000));
  });
  await other.send(["request", 3, "refuse", null]);
  assertEquals(await other.receive(), ["error", 3, "NO", "not this", null]);
  // All that did not end the connection.
  assertEquals(
    await codeOf(peer.request("echo", "x".repeat(1_000))),
    "FRAME_TOO_LARGE",
  );
  const request = peer.request("echo", "short");
  // What could not be sent has used up no number.
  assertEquals(await other.receive(), ["request", 1, "echo", "short"]);
  await other.send(["reply", 1, "answer"]);
  assertEquals(await request, "answer");
  await peer.close();
});

test("a handler that gives nothing replies with null", async () => {
  const { peer, other } = peerAndEnvelopes({
    handlers: { echo: () => undefined },
  });
  await other.send(["request", 1, "echo", ""]);
  assertEquals(await other.receive(), ["reply", 1, null]);
  await peer.close();
});

// One reply, or a stream

test("what gives one reply is no stream, and the other way round", async () => {
  let ended = false;
  const { peer, other } = peerAndEnvelopes({
    handlers: {
      echo: () => "one",
      count: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false as const, value: 1 }),
          return: () => {
            ended = true;
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      }),
    },
  });
  await other.send(["stream", 1, "echo", "", 10]);
  assertEquals(
    (await other.receive())?.slice(0, 3),
    ["error", 1, "NOT_A_STREAM"],
  );
  await other.send(["request", 2, "count", 1]);
  assertEquals(
    (await other.receive())?.slice(0, 3),
    ["error", 2, "NOT_A_STREAM"],
  );
  assertEquals(ended, true);
  await peer.close();
});

test("a stream sends no more items than there is credit for", async () => {
  const { peer, other } = peerAndEnvelopes({
    handlers: {
      count: async function* (to) {
        for (let i = 0; i < to; i++) yield i;
      },
    },
  });
  await other.send(["stream", 1, "count", 5, 2]);
  assertEquals(await other.receive(), ["item", 1, 0]);
  assertEquals(await other.receive(), ["item", 1, 1]);
  // Nothing more until there is credit: what comes next answers this.
  await other.send(["request", 2, "nothing", null]);
  assertEquals((await other.receive())?.slice(0, 3), [
    "error",
    2,
    "NO_HANDLER",
  ]);
  await other.send(["credit", 1, 10]);
  assertEquals(await other.receive(), ["item", 1, 2]);
  assertEquals(await other.receive(), ["item", 1, 3]);
  assertEquals(await other.receive(), ["item", 1, 4]);
  assertEquals(await other.receive(), ["reply", 1, null]);
  await peer.close();
});

test("stream() gives what came before an error, and then throws it", async () => {
  const { peer, other } = peerAndEnvelopes();
  const items: number[] = [];
  const loop = (async () => {
    for await (const item of peer.stream("count", 3)) items.push(item);
  })();
  assertEquals((await other.receive())?.[0], "stream");
  for (const item of [1, 2]) await other.send(["item", 1, item]);
  await other.send(["error", 1, "BROKEN", "no more", { at: 3 }]);
  const error = await assertRejects(() => loop, MessageError);
  assertEquals([error.code, error.data], ["BROKEN", { at: 3 }]);
  assertEquals(items, [1, 2]);
  // An error while nobody waits is given when somebody does.
  const late = peer.stream("count", 3);
  const first = late.next();
  assertEquals((await other.receive())?.[0], "stream");
  await other.send(["item", 2, 1]);
  assertEquals((await first).value, 1);
  await other.send(["error", 2, "BROKEN", "no more", null]);
  await other.send(["event", "done", null]);
  await new Promise((resolve) => peer.onEvent("done", resolve));
  assertEquals(await codeOf(late.next()), "BROKEN");
  await peer.close();
});

test("stream() is cancelled by its signal", async () => {
  const { peer, other } = peerAndEnvelopes();
  const stop = new AbortController();
  const items = peer.stream("count", 1, { signal: stop.signal });
  const item = items.next();
  assertEquals((await other.receive())?.[0], "stream");
  const reason = new Error("enough");
  stop.abort(reason);
  assertEquals(await assertRejects(() => item), reason);
  assertEquals(await other.receive(), ["cancel", 1]);
  // What was on its way is dropped.
  await other.send(["item", 1, 1]);
  await other.send(["reply", 1, null]);
  assertEquals((await items.next()).done, true);
  await peer.close();
});

// Time and signals

test("request() asks for nothing when its signal has aborted already", async () => {
  const { peer, other } = peerAndEnvelopes();
  const reason = new Error("before");
  const signal = AbortSignal.abort(reason);
  assertEquals(
    await assertRejects(() => peer.request("echo", "", { signal })),
    reason,
  );
  await peer.emit("next", null);
  assertEquals(await other.receive(), ["event", "next", null]);
  await peer.close();
});

test("requests are given up at their own times", async () => {
  const { peer, other } = peerAndEnvelopes();
  const late: string[] = [];
  const request = (name: string, timeoutMs: number) =>
    peer.request("echo", name, { timeoutMs }).catch(() => late.push(name));
  const patient = peer.request("echo", "patient", { timeoutMs: Infinity });
  await Promise.all([request("slow", 60), request("fast", 20)]);
  assertEquals(late, ["fast", "slow"]);
  await other.send(["reply", 1, "at last"]);
  assertEquals(await patient, "at last");
  await peer.close();
});

test("a handler whose signal is first looked at late finds it aborted", async () => {
  let began: () => void = () => {};
  const begun = new Promise<void>((resolve) => began = resolve);
  let go: () => void = () => {};
  const told = new Promise<unknown>((resolve) => {
    go = () => resolve(undefined);
  });
  let seen: (reason: unknown) => void = () => {};
  const reason = new Promise<unknown>((resolve) => seen = resolve);
  const { peer, other } = peerAndEnvelopes({
    handlers: {
      echo: async (_, context) => {
        began();
        await told;
        seen(context.signal.aborted && context.signal.reason);
        return "";
      },
    },
  });
  await other.send(["request", 1, "echo", ""]);
  await begun;
  await other.send(["cancel", 1]);
  await other.send(["event", "then", null]);
  await new Promise((resolve) => peer.onEvent("then", resolve));
  go();
  assertEquals((await reason as Error).name, "AbortError");
  await peer.close();
});

// Handlers and listeners

test("on() takes the place of a handler that was there before", async () => {
  const { peer, other } = peerAndEnvelopes({ handlers: { echo: () => "old" } });
  peer.on("echo", () => "new");
  await other.send(["request", 1, "echo", ""]);
  assertEquals(await other.receive(), ["reply", 1, "new"]);
  await peer.close();
});

test("names of commands are no names of Object.prototype", async () => {
  const { peer, other } = peerAndEnvelopes({ commands, handlers: {} });
  for (const [i, name] of ["constructor", "__proto__", "toString"].entries()) {
    await other.send(["request", i + 1, name, null]);
    assertEquals(
      (await other.receive())?.slice(0, 3),
      ["error", i + 1, "NO_HANDLER"],
    );
  }
  await peer.close();
});

test("onEvent() reports what a listener throws, and goes on", async () => {
  const errors: [unknown, string][] = [];
  const { peer, other } = peerAndEnvelopes({
    onError: (error, name) => void errors.push([error, name]),
  });
  const fault = new Error("sync");
  const later = new Error("async");
  const heard: unknown[] = [];
  const stop = peer.onEvent("news", () => {
    throw fault;
  });
  peer.onEvent("news", () => Promise.reject(later));
  peer.onEvent("news", (body) => void heard.push(body));
  await other.send(["event", "news", 1]);
  await other.send(["request", 1, "none", null]);
  await other.receive();
  assertEquals(errors, [[fault, "news"], [later, "news"]]);
  stop();
  await other.send(["event", "news", 2]);
  await other.send(["request", 2, "none", null]);
  await other.receive();
  assertEquals(heard, [1, 2]);
  assertEquals(errors.length, 3);
  await peer.close();
});

// The other side breaks the rules

const violations: [string, Envelope[]][] = [
  ["a reply to nothing", [["reply", 1, null]]],
  ["an item of nothing", [["item", 5, null]]],
  ["an error for nothing", [["error", 2, "X", "", null]]],
  ["a number twice", [
    ["request", 1, "wait", null],
    ["request", 1, "wait", null],
  ]],
];

for (const [what, sent] of violations) {
  test(`a peer ends the connection for ${what}`, async () => {
    const { peer, other } = peerAndEnvelopes();
    (peer as unknown as Peer).on("wait", () => new Promise(() => undefined));
    for (const envelope of sent) await other.send(envelope);
    const { error } = await peer.closed;
    assertInstanceOf(error, FrameError);
    assertEquals(error.code, "MESSAGE_INVALID");
    await assertRejects(async () => {
      // Requests before it may have been answered.
      while (await other.receive() !== undefined);
    });
  });
}

test("a peer ends the connection for items in the place of a reply, or over the credit", async () => {
  const one = peerAndEnvelopes();
  const request = one.peer.request("echo", "");
  await one.other.receive();
  await one.other.send(["item", 1, "first"]);
  assertEquals(await codeOf(request), "MESSAGE_INVALID");

  const many = peerAndEnvelopes();
  const items = many.peer.stream("count", 1);
  const first = items.next();
  await many.other.receive();
  for (let i = 0; i < 64; i++) await many.other.send(["item", 1, i]);
  assertEquals((await first).value, 0);
  await many.other.send(["item", 1, 64]);
  const { error } = await many.peer.closed;
  assertInstanceOf(error, FrameError);
  // Those within the credit are not lost.
  for (let i = 1; i < 64; i++) assertEquals((await items.next()).value, i);
  assertEquals(await codeOf(items.next()), "MESSAGE_INVALID");
});

test("envelopes() refuses what is no envelope", () => {
  const codec = envelopes();
  const wrong = [
    null,
    {},
    [],
    [1],
    ["unknown"],
    ["constructor"],
    ["cancel"],
    ["cancel", 0],
    ["cancel", 1.5],
    ["cancel", "1"],
    ["cancel", 1, 2],
    ["request", 1, 7, null],
    ["stream", 1, "x", null],
    ["stream", 1, "x", null, -1],
    ["event", 1, null],
  ];
  for (const value of wrong) {
    const bytes = lengthPrefixed().encode(
      new TextEncoder().encode(JSON.stringify(value)),
    );
    try {
      codec.decode(bytes);
      assert(false, JSON.stringify(value));
    } catch (error) {
      assertInstanceOf(error, FrameError);
      assertEquals(error.code, "MESSAGE_INVALID");
    }
  }
});

// The end

test("close() refuses further requests, and aborts what is too slow", async () => {
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  const { peer, other } = peerAndEnvelopes({
    handlers: {
      echo: () => {
        begun();
        return new Promise(() => undefined);
      },
    },
  });
  await other.send(["request", 1, "echo", ""]);
  await began;
  const closing = peer.close({ graceMs: 50 });
  assertEquals(await other.receive(), ["event", "framewire:goaway", 1]);
  await other.send(["request", 2, "echo", ""]);
  assertEquals((await other.receive())?.slice(0, 3), ["error", 2, "CLOSING"]);
  await closing;
  const { error } = await peer.closed;
  assertInstanceOf(error, NetError);
  assertEquals(error.code, "CONNECTION_CLOSED");
  await assertRejects(() => other.receive());
});

test("requests reject at once after the end", async () => {
  const { peer } = peerAndEnvelopes();
  const open = peer.request("echo", "");
  const rejected = assertRejects(() => open, NetError);
  await peer.close();
  assertEquals((await rejected).code, "CONNECTION_CLOSED");
  assertEquals(await codeOf(peer.request("echo", "")), "CONNECTION_CLOSED");
  assertEquals(
    await codeOf(peer.stream("count", 1).next()),
    "CONNECTION_CLOSED",
  );
});

test("serveMessages() closes when its signal aborts", async () => {
  const stop = new AbortController();
  const server = await serveMessages({
    address: { port: 0 },
    signal: stop.signal,
  });
  stop.abort();
  await server.closed;
  await assertRejects(() =>
    serveMessages({ address: { port: 0 }, signal: stop.signal })
  );
});

// What others do must not hold up, or bring down

test("a stream that never waits does not keep others waiting", async () => {
  let stopped = false;
  await using server = await serveMessages({
    address: { port: 0 },
    handlers: {
      endless: async function* () {
        for (let i = 0; !stopped; i++) yield i;
      },
      stop: () => {
        stopped = true;
        return "stopped";
      },
    },
  });
  await using client = framed(await connect(server.address), envelopes());
  const everything = Number.MAX_SAFE_INTEGER;
  await client.send(["stream", 1, "endless", null, everything]);
  await client.receive();
  await client.send(["request", 2, "stop", null]);
  for await (const [kind, id] of client) {
    if (kind === "reply" && id === 2) break;
  }
});

test("a stream that is left ends a source that keeps silent", async () => {
  let cancelled: () => void = () => {};
  const source = new Promise<void>((resolve) => cancelled = resolve);
  const { peer, other } = peerAndEnvelopes({
    maxRequests: 1,
    handlers: {
      count: () =>
        new ReadableStream<number>({ cancel: () => cancelled() }) as never,
    },
  });
  await other.send(["stream", 1, "count", 0, 10]);
  await other.send(["cancel", 1]);
  await source;
  // Its place is free again.
  await other.send(["request", 2, "none", null]);
  assertEquals((await other.receive())?.slice(2, 3), ["NO_HANDLER"]);
  await peer.close();
});

test("stream() can be left while it waits for an item", async () => {
  const { peer, other } = peerAndEnvelopes();
  const items = peer.stream("count", 1);
  const waiting = items.next();
  assertEquals((await other.receive())?.[0], "stream");
  await items.return();
  assertEquals(await waiting, { done: true, value: undefined });
  assertEquals(await other.receive(), ["cancel", 1]);
  await peer.close();
});

test("a listener that adds a listener for the same event is called once", async () => {
  const { peer, other } = peerAndEnvelopes();
  let calls = 0;
  const listen = () => {
    if (++calls < 1_000) peer.onEvent("news", listen);
  };
  peer.onEvent("news", listen);
  await other.send(["event", "news", null]);
  await other.send(["request", 1, "none", null]);
  await other.receive();
  assertEquals(calls, 1);
  await peer.close();
});

test("an onError that throws leaves no request unanswered", async (context) => {
  const errors = context.mock.method(console, "error", () => undefined);
  const { peer, other } = peerAndEnvelopes({
    handlers: {
      echo: () => Promise.reject(new Error("a fault")),
      count: () => {
        throw new Error("a fault");
      },
    },
    onError: () => {
      throw new Error("its own fault");
    },
  });
  for (const [i, name] of ["echo", "count"].entries()) {
    await other.send(["request", i + 1, name, null]);
    const answer = await other.receive();
    assertEquals(answer?.slice(0, 3), ["error", i + 1, "HANDLER_FAILED"]);
  }
  assertEquals(errors.mock.callCount(), 2);
  await peer.close();
});

// Closing in good order

test("a handler that closes its peer has its own reply sent", async () => {
  const { peer, other } = peerAndEnvelopes({
    handlers: {
      echo: async (_, context) => {
        void context.peer.close();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return "goodbye";
      },
    },
  });
  await other.send(["request", 1, "echo", ""]);
  assertEquals(await other.receive(), ["event", "framewire:goaway", 1]);
  assertEquals(await other.receive(), ["reply", 1, "goodbye"]);
  await peer.closed;
});

test("close() takes no longer than graceMs for what nobody reads", async () => {
  const { peer } = peerAndEnvelopes();
  for (let i = 0; i < 100; i++) {
    const full = peer.emit("news", "x".repeat(10_000));
    if (full !== undefined) full.catch(() => undefined);
  }
  await peer.close({ graceMs: 30 });
  const { error } = await peer.closed;
  assertInstanceOf(error, NetError);
});

test("serveMessages() takes nobody any more once it is closing", async () => {
  let begun: () => void = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  let release: () => void = () => {};
  const server = await serveMessages({
    address: { port: 0 },
    handlers: {
      wait: () => {
        begun();
        return new Promise<string>((resolve) => {
          release = () => resolve("answered");
        });
      },
    },
  });
  const { address } = server;
  await using client = await connectMessages({ address });
  const request = client.request("wait", null);
  await began;
  const closing = server.close();
  await client.goaway;
  const late = await assertRejects(
    () => connectMessages({ address }),
    NetError,
  );
  assertEquals(late.code, "CONNECTION_REFUSED");
  release();
  assertEquals(await request, "answered");
  await closing;
});

test("idleTimeoutMs does not cut a peer whose request is under way", async () => {
  using time = new HandTicker(40);
  const began = deferred<void>();
  const answer = deferred<string>();
  await using server = await serveMessages({
    address: { port: 0 },
    idleTimeoutMs: 40,
    heartbeatMs: Infinity,
    handlers: {
      slow: () => {
        began.resolve();
        return answer.promise;
      },
    },
  });
  const { address } = server;
  await using client = await connectMessages({ address });
  const request = client.request("slow", null);
  await began.promise;
  await time.pass(250, 10);
  answer.resolve("done");
  assertEquals(await request, "done");
  // And then it does.
  await time.pass(250, 10);
  await client.closed;
});
