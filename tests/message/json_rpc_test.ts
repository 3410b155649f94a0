/** The examples of <https://www.jsonrpc.org/specification> are marked as such. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { framed, type JsonValue, text } from "../../mod.ts";
import { FrameError, lengthPrefixed, NetError } from "../../mod.ts";
import {
  type Commands,
  connectMessages,
  jsonRpc,
  type JsonRpcOptions,
  MessageError,
  Peer,
  type PeerOptions,
  serveMessages,
  typed,
} from "../../src/message/mod.ts";
import { jsonSeq, lsp, ndjson } from "../../src/presets/mod.ts";
import { json } from "../../mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { peerAndFrames } from "./support.ts";

/** A peer, and the messages of its other side. */
const peerAndMessages = (
  options: PeerOptions<Commands> = {},
  rpc: JsonRpcOptions = {},
) => peerAndFrames(jsonRpc(ndjson(), rpc), options);

const arithmetic: PeerOptions<Commands> = {
  handlers: {
    subtract: (params) =>
      Array.isArray(params)
        ? params[0] - params[1]
        : (params as { minuend: number }).minuend -
          (params as { subtrahend: number }).subtrahend,
    sum: (params) => (params as number[]).reduce((a, b) => a + b, 0),
    get_data: () => ["hello", 5],
    nothing: () => undefined,
  },
  onError: () => undefined,
};

const invalid = (message: string, id: JsonValue = null) => ({
  jsonrpc: "2.0",
  id,
  error: { code: -32600, message },
});

const answers: Readonly<Record<string, readonly [JsonValue, JsonValue]>> = {
  "parameters by position (specification)": [
    { jsonrpc: "2.0", method: "subtract", params: [42, 23], id: 1 },
    { jsonrpc: "2.0", result: 19, id: 1 },
  ],
  "parameters by name (specification)": [
    {
      jsonrpc: "2.0",
      method: "subtract",
      params: { subtrahend: 23, minuend: 42 },
      id: 3,
    },
    { jsonrpc: "2.0", result: 19, id: 3 },
  ],
  "an unknown method, with an id that is text (specification)": [
    { jsonrpc: "2.0", method: "foobar", id: "1" },
    {
      jsonrpc: "2.0",
      error: { code: -32601, message: 'No handler for "foobar"' },
      id: "1",
    },
  ],
  "an invalid request (specification)": [
    { jsonrpc: "2.0", method: 1, params: "bar" },
    invalid('The member "method" is a string'),
  ],
  "an empty batch (specification)": [[], invalid("The batch is empty")],
  "an invalid batch (specification)": [
    [1, 2, 3],
    [1, 2, 3].map(() => invalid("A message is an object")),
  ],
  "a batch of everything (specification)": [
    [
      { jsonrpc: "2.0", method: "sum", params: [1, 2, 4], id: "1" },
      { jsonrpc: "2.0", method: "notify_hello", params: [7] },
      { jsonrpc: "2.0", method: "subtract", params: [42, 23], id: "2" },
      { foo: "boo" },
      { jsonrpc: "2.0", method: "foo.get", params: { name: "x" }, id: "5" },
      { jsonrpc: "2.0", method: "get_data", id: "9" },
    ],
    [
      { jsonrpc: "2.0", result: 7, id: "1" },
      { jsonrpc: "2.0", result: 19, id: "2" },
      invalid('The member "jsonrpc" is "2.0"'),
      {
        jsonrpc: "2.0",
        error: { code: -32601, message: 'No handler for "foo.get"' },
        id: "5",
      },
      { jsonrpc: "2.0", result: ["hello", 5], id: "9" },
    ],
  ],
  "an id of null": [
    { jsonrpc: "2.0", method: "nothing", id: null },
    { jsonrpc: "2.0", result: null, id: null },
  ],
  "an id that is no whole number": [
    { jsonrpc: "2.0", method: "nothing", id: 1.5 },
    { jsonrpc: "2.0", result: null, id: 1.5 },
  ],
  "an id that is negative": [
    { jsonrpc: "2.0", method: "nothing", id: -7 },
    { jsonrpc: "2.0", result: null, id: -7 },
  ],
  "an id that is an object": [
    { jsonrpc: "2.0", method: "nothing", id: {} },
    invalid("An id is a number or a string"),
  ],
  "parameters that are a number": [
    { jsonrpc: "2.0", method: "nothing", params: 7, id: 4 },
    invalid('The member "params" is an object or an array', 4),
  ],
};

for (const [what, [question, answer]] of Object.entries(answers)) {
  test(`jsonRpc() answers ${what}`, async () => {
    await using pair = peerAndMessages(arithmetic);
    await pair.other.send(question);
    assertEquals(await pair.other.receive(), answer);
  });
}

test("jsonRpc() answers nothing to notifications, alone and in a batch (specification)", async () => {
  const seen: unknown[] = [];
  await using pair = peerAndMessages({
    ...arithmetic,
    events: { update: (params) => void seen.push(params) },
  });
  const { other } = pair;
  await other.send({ jsonrpc: "2.0", method: "update", params: [1, 2] });
  await other.send({ jsonrpc: "2.0", method: "foobar" });
  await other.send([
    { jsonrpc: "2.0", method: "update", params: { a: 1 } },
    { jsonrpc: "2.0", method: "notify_hello", params: [7] },
  ]);
  await other.send({ jsonrpc: "2.0", method: "get_data", id: 1 });
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    id: 1,
    result: ["hello", 5],
  });
  assertEquals(seen, [[1, 2], { a: 1 }]);
});

test("jsonRpc() answers what is not JSON, and ends there with a codec that does", async () => {
  const [here, there] = streamPair();
  const dialect = jsonRpc(ndjson());
  const peer = new Peer(dialect.open(framed(here, dialect.codec, quick)));
  const raw = framed(there, text(lengthPrefixed()));
  const lines = raw.switchCodec(ndjson());
  const open = peer.request("never", null);
  await raw.sendEncoded(
    new TextEncoder().encode('{"jsonrpc": "2.0", "method\n'),
  );
  assertEquals(await lines.receive(), {
    jsonrpc: "2.0",
    id: 1,
    method: "never",
  });
  const answer = await lines.receive() as { error: { code: number }; id: null };
  assertEquals([answer.error.code, answer.id], [-32700, null]);
  assertEquals(await lines.receive(), undefined);
  await assertRejects(() => open, FrameError);
  raw.abort();
  const { error } = await peer.closed;
  assertEquals((error as FrameError).code, "MESSAGE_INVALID");
});

for (const [name, make] of Object.entries({ ndjson, lsp, jsonSeq })) {
  test(`jsonRpc(${name}) answers what is not JSON, and goes on`, async () => {
    const [here, there] = streamPair();
    const dialect = jsonRpc(make);
    const peer = new Peer(
      dialect.open(framed(here, dialect.codec, quick)),
      arithmetic,
    );
    const other = framed(there, make());
    const good = { jsonrpc: "2.0", method: "sum", params: [1, 2], id: 1 };
    const bytes = make().encode(good);
    // The brace at the end of the message becomes a letter.
    const broken = bytes.map((byte, i) =>
      i === bytes.lastIndexOf(0x7d) ? 0x78 : byte
    );
    await other.sendEncoded(broken);
    await other.send(good);
    const answer = await other.receive() as { error: { code: number } };
    assertEquals(answer.error.code, -32700);
    assertEquals(await other.receive(), { jsonrpc: "2.0", id: 1, result: 3 });
    peer.abort();
    other.abort();
    await peer.closed;
  });
}

test("jsonRpc() maps errors both ways", async () => {
  await using pair = peerAndMessages({
    handlers: {
      fail: (params) => {
        const [code, data] = params as [string, JsonValue];
        throw new MessageError(code, "no", data);
      },
      crash: () => {
        throw new RangeError("a secret");
      },
    },
    onError: () => undefined,
  });
  const { peer, other } = pair;
  const sent: [params: JsonValue, error: JsonValue][] = [
    [["-32002", null], { code: -32002, message: "no" }],
    [["7", { a: 1 }], { code: 7, message: "no", data: { a: 1 } }],
    [["NO_HANDLER", null], { code: -32601, message: "no" }],
    [
      ["NOT_FOUND", [1]],
      { code: -32000, message: "no", data: { code: "NOT_FOUND", data: [1] } },
    ],
  ];
  for (const [i, [params, error]] of sent.entries()) {
    await other.send({ jsonrpc: "2.0", id: i + 1, method: "fail", params });
    assertEquals(await other.receive(), { jsonrpc: "2.0", id: i + 1, error });
    // And back: the same error arrives as the same code.
    const reply = assertRejects(() => peer.request("x", null), MessageError);
    const asked = await other.receive() as { id: number };
    await other.send({ jsonrpc: "2.0", id: asked.id, error });
    const { code, message, data } = await reply;
    assertEquals([[code, data], message], [params, "no"]);
  }
  await other.send({ jsonrpc: "2.0", id: "c", method: "crash" });
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    id: "c",
    error: { code: -32603, message: 'The handler of "crash" failed' },
  });
});

test("jsonRpc() counts replies to nobody, and answers none of them", async () => {
  const strays: unknown[] = [];
  await using pair = peerAndMessages({
    ...arithmetic,
    onStray: (kind) => strays.push(kind),
  });
  const { peer, other } = pair;
  const late = assertRejects(
    () => peer.request("slow", null, { timeoutMs: 5 }),
    NetError,
  );
  assertEquals((await late).code, "TIMED_OUT");
  const reply = (id: JsonValue) =>
    other.send({ jsonrpc: "2.0", id, result: 1 });
  for (const id of [1, 1, 2, "1", null, 1.5]) await reply(id);
  await other.send({
    jsonrpc: "2.0",
    id: null,
    error: { code: 1, message: "" },
  });
  await other.send({ jsonrpc: "2.0", method: "nothing", id: 9 });
  // The first is the request that was given up.
  await other.receive();
  assertEquals(await other.receive(), { jsonrpc: "2.0", id: 9, result: null });
  assertEquals(strays, [
    "late",
    "duplicate",
    ...["foreign", "foreign", "foreign", "foreign", "foreign"],
  ]);
  assertEquals(peer.stats().strays, { late: 1, duplicate: 1, foreign: 5 });
});

test("jsonRpc() sends the requests of a turn as batches of at most maxBatch", async () => {
  await using pair = peerAndMessages({}, { maxBatch: 3 });
  const { peer, other } = pair;
  const params = { a: 1 };
  const replies = [1, 2, 3, 4].map(() => peer.request("x", params));
  params.a = 2; // too late
  await peer.emit("done", null);
  const one = (id: number) => ({
    jsonrpc: "2.0",
    id,
    method: "x",
    params: { a: 1 },
  });
  assertEquals(await other.receive(), [one(1), one(2), one(3)]);
  assertEquals(await other.receive(), [one(4), {
    jsonrpc: "2.0",
    method: "done",
  }]);
  await other.send(
    [4, 2, 3, 1].map((id) => ({ jsonrpc: "2.0", id, result: id * 10 })),
  );
  assertEquals(await Promise.all(replies), [10, 20, 30, 40]);
  const alone = peer.request("x", params);
  assertEquals(await other.receive(), { ...one(5), params: { a: 2 } });
  await other.send({ jsonrpc: "2.0", id: 5, result: null });
  assertEquals(await alone, null);
});

test("jsonRpc() answers a batch when its last request is done, with errors for what cannot be sent", async () => {
  let finish: (value: number) => void = () => undefined;
  await using pair = peerAndMessages({
    handlers: {
      wait: () => new Promise((resolve) => finish = resolve),
      unsendable: () => 1n as unknown as JsonValue,
      now: () => finish(7),
    },
    onError: () => undefined,
  });
  const { other } = pair;
  const request = (id: number, method: string) => ({
    jsonrpc: "2.0",
    id,
    method,
  });
  await other.send([request(1, "wait"), request(2, "unsendable")]);
  await other.send(request(3, "now"));
  assertEquals(await other.receive(), { jsonrpc: "2.0", id: 3, result: null });
  assertEquals(await other.receive(), [
    {
      jsonrpc: "2.0",
      id: 2,
      error: { code: -32603, message: 'The handler of "unsendable" failed' },
    },
    { jsonrpc: "2.0", id: 1, result: 7 },
  ]);
});

test("jsonRpc() refuses parameters that JSON-RPC has no place for", async () => {
  await using pair = peerAndMessages();
  const { peer } = pair;
  await assertRejects(() => peer.request("x", 7), TypeError, "a number");
  assertThrows(() => peer.emit("x", "text"), TypeError, "a string");
  await assertRejects(
    () => peer.stream("x", null).next(),
    MessageError,
    "conventions",
  );
});

test("the conventions of LSP cancel a request, and answer one that is cancelled", async () => {
  let aborted = false;
  await using pair = peerAndMessages({
    handlers: {
      slow: (_, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          })
        ),
    },
  }, { conventions: "lsp" });
  const { peer, other } = pair;
  await other.send({ jsonrpc: "2.0", id: "s", method: "slow" });
  await other.send({
    jsonrpc: "2.0",
    method: "$/cancelRequest",
    params: { id: "s" },
  });
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    id: "s",
    error: { code: -32800, message: "The other side gave the request up" },
  });
  assert(aborted);
  const stop = new AbortController();
  const given = assertRejects(() =>
    peer.request("x", null, { signal: stop.signal })
  );
  await other.receive();
  stop.abort(new Error("enough"));
  await given;
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    method: "$/cancelRequest",
    params: { id: 1 },
  });
});

test("the conventions of LSP carry a result in parts", async () => {
  await using pair = peerAndMessages({
    handlers: {
      refs: async function* () {
        yield ["a"];
        yield ["b", "c"];
      },
      plain: () => ["whole"],
    },
  }, { conventions: "lsp" });
  const { peer, other } = pair;
  const ask = (id: number, method: string, params: JsonValue) =>
    other.send({ jsonrpc: "2.0", id, method, params });
  const progress = (token: JsonValue, value: JsonValue) => ({
    jsonrpc: "2.0",
    method: "$/progress",
    params: { token, value },
  });
  await ask(1, "refs", { partialResultToken: "t" });
  assertEquals(await other.receive(), progress("t", ["a"]));
  assertEquals(await other.receive(), progress("t", ["b", "c"]));
  assertEquals(await other.receive(), { jsonrpc: "2.0", id: 1, result: null });
  await ask(2, "refs", {});
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    id: 2,
    result: ["a", "b", "c"],
  });
  await ask(3, "plain", { partialResultToken: 7 });
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    id: 3,
    result: ["whole"],
  });

  // And as the client.
  const parts = Array.fromAsync(peer.stream("refs", { of: "x" }));
  const asked = await other.receive() as {
    params: { of: string; partialResultToken: string };
  };
  assertEquals(asked.params.of, "x");
  const token = asked.params.partialResultToken;
  await other.send(progress(token, [1]));
  await other.send(progress("of somebody else", [2]));
  await other.send(progress(token, [3]));
  await other.send({ jsonrpc: "2.0", id: 1, result: [4] });
  assertEquals(await parts, [[1], [3], [4]]);
});

test("the conventions of MCP carry progress, whose last part is the result", async () => {
  let aborted = false;
  await using pair = peerAndMessages({
    handlers: {
      "tools/call": async function* () {
        yield { progress: 1, total: 2 };
        yield { progress: 2, total: 2 };
        yield { content: [] };
      },
      wait: (_, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          })
        ),
    },
  }, { conventions: "mcp" });
  const { peer, other } = pair;
  const progress = (progressToken: JsonValue, progress: number) => ({
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progress, total: 2, progressToken },
  });
  const call = (id: JsonValue, params: JsonValue) =>
    other.send({ jsonrpc: "2.0", id, method: "tools/call", params });
  const result = (id: JsonValue) => ({
    jsonrpc: "2.0",
    id,
    result: { content: [] },
  });
  await call(1, { _meta: { progressToken: 5 } });
  for (const message of [progress(5, 1), progress(5, 2), result(1)]) {
    assertEquals(await other.receive(), message);
  }
  await call("b", {});
  assertEquals(await other.receive(), result("b"));

  const parts = Array.fromAsync(
    peer.stream("tools/call", { name: "x", _meta: { a: 1 } }),
  );
  const asked = await other.receive() as {
    params: { _meta: { a: number; progressToken: string } };
  };
  assertEquals(asked.params._meta.a, 1);
  await other.send(progress(asked.params._meta.progressToken, 1));
  await other.send(result(1));
  assertEquals(await parts, [{ progress: 1, total: 2 }, { content: [] }]);

  await other.send({ jsonrpc: "2.0", id: 9, method: "wait" });
  await other.send({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 9, reason: "enough" },
  });
  await call(10, {});
  assertEquals(await other.receive(), result(10)); // nothing for 9
  assert(aborted);
});

test("a slow reader of parts is not flooded, and a stream that is left is cancelled", async () => {
  await using pair = peerAndMessages({}, { conventions: "lsp" });
  const { peer, other } = pair;
  const items = peer.stream("refs", null);
  const first = items.next();
  const { params: { partialResultToken: token } } = await other.receive() as {
    params: { partialResultToken: string };
  };
  for (let n = 0; n < 500; n++) {
    await other.send({
      jsonrpc: "2.0",
      method: "$/progress",
      params: { token, value: n },
    });
  }
  assertEquals((await first).value, 0);
  for (let n = 1; n < 300; n++) assertEquals((await items.next()).value, n);
  await items.return();
  assertEquals(await other.receive(), {
    jsonrpc: "2.0",
    method: "$/cancelRequest",
    params: { id: 1 },
  });
  // What is still on its way is nobody's.
  await other.send({
    jsonrpc: "2.0",
    method: "$/progress",
    params: { token, value: 500 },
  });
  await other.send({
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32800, message: "" },
  });
  const next = peer.request("x", null);
  await other.receive();
  await other.send({ jsonrpc: "2.0", id: 2, result: "still there" });
  assertEquals(await next, "still there");
  assertEquals(peer.stats().strays, { late: 1, duplicate: 0, foreign: 0 });
});

test("a stream of more parts than may wait fails, and the conversation goes on", async () => {
  await using pair = peerAndMessages({}, { conventions: "lsp" });
  const { peer, other } = pair;
  const items = peer.stream("refs", null);
  const first = items.next();
  const { params: { partialResultToken: token } } = await other.receive() as {
    params: { partialResultToken: string };
  };
  const sending = (async () => {
    for (let n = 0; n < 10_200; n++) {
      await other.send({
        jsonrpc: "2.0",
        method: "$/progress",
        params: { token, value: n },
      });
    }
  })();
  assertEquals((await first).value, 0);
  const { method } = await other.receive() as { method: string };
  assertEquals(method, "$/cancelRequest");
  await sending;
  const error = await assertRejects(
    async () => {
      for await (const _ of items);
    },
    MessageError,
  );
  assertEquals(error.code, "READER_TOO_SLOW");
  const next = peer.request("x", null);
  await other.receive();
  await other.send({ jsonrpc: "2.0", id: 2, result: 1 });
  assertEquals(await next, 1);
});

test("jsonRpc() goes over sockets and the messages of a WebSocket, with types and schemas", async () => {
  const commands = {
    add: { input: typed<[number, number]>(), output: typed<number>() },
    changed: { input: typed<{ uri: string }>() },
  };
  const dialects = {
    tcp: jsonRpc(lsp()),
    ws: jsonRpc(json(lengthPrefixed())),
  };
  for (const [transport, dialect] of Object.entries(dialects)) {
    await using server = await serveMessages({
      address: transport === "ws" ? "ws://127.0.0.1:0/" : { port: 0 },
      dialect,
      commands,
    }, (peer) => void peer.emit("changed", { uri: "file:///a" }));
    server.on("add", ([a, b]) => a + b);
    const changed = Promise.withResolvers<string>();
    await using client = await connectMessages<typeof commands>({
      address: server.address,
      dialect,
      commands,
      events: { changed: (body) => changed.resolve(JSON.stringify(body)) },
    });
    const sums = Array.from(
      { length: 500 },
      (_, n) => client.request("add", [n, n]),
    );
    assertEquals(await Promise.all(sums), sums.map((_, n) => 2 * n));
    assertEquals(await changed.promise, '{"uri":"file:///a"}');
  }
});

test("an event whose name is that of a command is validated, both ways", async () => {
  const errors: unknown[] = [];
  const commands = {
    changed: {
      input: {
        "~standard": {
          version: 1 as const,
          vendor: "test",
          validate: (value: unknown) =>
            typeof value === "object" && value !== null && "uri" in value
              ? { value: value as { uri: string } }
              : { issues: [{ message: "no uri" }] },
        },
      },
    },
  };
  const [here, there] = streamPair();
  const dialect = jsonRpc(ndjson());
  const peer = new Peer(dialect.open(framed(here, dialect.codec, quick)), {
    commands,
    onError: (error) => errors.push((error as MessageError).code),
  });
  const uris: string[] = [];
  peer.onEvent("changed", ({ uri }) => void uris.push(uri));
  const other = framed(there, ndjson());
  for (const params of [{}, { uri: "a" }]) {
    await other.send({ jsonrpc: "2.0", method: "changed", params });
  }
  await other.closeWrite();
  await peer.closed;
  assertEquals([errors, uris], [["BODY_INVALID"], ["a"]]);
  assertThrows(
    () => peer.emit("changed", {} as { uri: string }),
    MessageError,
    "no uri",
  );
  other.abort();
});
