// The opening handshake, against a peer that is written by hand.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import {
  type ClientWebSocket,
  connect,
  lines,
  type NetError,
  type NetErrorCode,
  serve,
  type ServerWebSocket,
} from "../../../mod.ts";
import { memoryNetwork } from "../../../src/net/adapters/memory.ts";
import { frame, RawPeer, request } from "./raw_peer.ts";
import {
  accepted,
  answer,
  bytes,
  codeOf,
  echo,
  place,
  rejectsWith,
} from "./place.ts";

const BINARY = 2;

test("listen() answers the handshake of RFC 6455, section 1.3", async () => {
  await using at = await place();
  const peer = await at.raw();
  await peer.send(request());
  const head = await peer.head();
  assertStringIncludes(
    head,
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
  assert(!head.includes("Extensions"));
  peer.abort();
});

/** Requests and the answers to them. */
const answers: readonly (readonly [
  status: string,
  why: string,
  sent: string,
  options?: ServerWebSocket,
])[] = [
  ["400", "to bytes that are not HTTP", "\x16\x03\x01\r\n\r\n"],
  ["400", "to a field without a name", request({ "": "x" })],
  ["400", "to a field with a space", request({ "a b": "x" })],
  ["400", "to a folded line", request({ A: "x\r\n y" })],
  ["400", "to a head over 8 KiB", request({ A: "x".repeat(9_000) })],
  ["400", "to an endless head", "GET / HTTP/1.1\r\nA: " + "x".repeat(9_000)],
  ["400", "to HTTP/1.0", request({}, "GET / HTTP/1.0")],
  ["400", "without Connection", request({ Connection: "close" })],
  ["400", "without a key", request({ "Sec-WebSocket-Key": undefined })],
  ["400", "to a short key", request({ "Sec-WebSocket-Key": "AAAA" })],
  ["400", "to a body", request({ "Content-Length": "5" })],
  ["400", "to chunks", request({ "Transfer-Encoding": "chunked" })],
  ["400", "without Host", request({ Host: undefined })],
  ["400", "without the protocol", request(), { protocol: "mqtt" }],
  [
    "400",
    "to another protocol",
    request({ "Sec-WebSocket-Protocol": "a, b" }),
    {
      protocol: "mqtt",
    },
  ],
  ["403", "to another origin", request({ Origin: "https://evil.example" })],
  ["403", "to another port", request({ Origin: "http://localhost:81" })],
  ["403", "to no origin", request({ Origin: "null" })],
  [
    "403",
    "to its host, where others are listed",
    request({
      Origin: "http://localhost",
    }),
    { origins: ["https://example.org"] },
  ],
  ["404", "to another path", request({}, "GET /other HTTP/1.1")],
  ["404", "to a longer path", request({}, "GET /chat/x HTTP/1.1"), {
    path: "/chat",
  }],
  ["405", "to POST", request({}, "POST / HTTP/1.1")],
  ["426", "to a plain request", request({ Upgrade: undefined })],
  ["426", "to another version", request({ "Sec-WebSocket-Version": "8" })],
  ["101", "to its own origin", request({ Origin: "http://localhost" })],
  [
    "101",
    "to its own origin over TLS",
    request({
      Host: "localhost:443",
      Origin: "https://localhost",
    }),
  ],
  [
    "101",
    "to an origin that is listed",
    request({
      Origin: "https://EXAMPLE.org",
    }),
    { origins: ["https://example.org"] },
  ],
  ["101", "to any origin", request({ Origin: "null" }), { origins: ["*"] }],
  ["101", "to a path with a query", request({}, "GET /chat?a=1 HTTP/1.1"), {
    path: "/chat",
  }],
  [
    "101",
    "to one of several protocols",
    request({
      "Sec-WebSocket-Protocol": "a, mqtt",
    }),
    { protocol: "mqtt" },
  ],
  [
    "101",
    "and declines compression",
    request({
      "Sec-WebSocket-Extensions": "permessage-deflate",
    }),
  ],
];

test("listen() answers requests", async () => {
  for (const [status, why, sent, options] of answers) {
    await using at = await place(options);
    const peer = await at.raw();
    await peer.send(sent);
    const head = await peer.head();
    assertStringIncludes(head, `HTTP/1.1 ${status} `, why);
    assert(!head.includes("Extensions"), why);
    if (status !== "101") {
      const text = await peer.rest();
      const length = /Content-Length: (\d+)/.exec(head)?.[1];
      assertEquals(`${text.length}`, length, why);
      await peer.end();
      while (at.errors.length === 0) await new Promise((r) => setTimeout(r, 1));
      const { code } = at.errors[0] as NetError;
      assert(code === "WS_REFUSED" || code === "WS_PROTOCOL", why);
    }
    peer.abort();
  }
});

test("listen() answers a request that comes byte by byte, and frames right behind it", async () => {
  const network = memoryNetwork({ maxChunkLength: 1 });
  await using at = await place({}, {}, echo, network);
  const peer = await at.raw();
  await peer.send(request(), frame(BINARY, bytes(1, 2)));
  await peer.head();
  assertEquals(await peer.frame(), { opcode: BINARY, payload: bytes(1, 2) });
  peer.abort();
});

test("close() of a server ends the handshakes that are under way", async () => {
  const at = await place();
  const peer = await at.raw();
  await peer.send("GET / HTTP/1.1\r\n");
  await at[Symbol.asyncDispose]();
  await peer.rest().catch(() => undefined);
  assertEquals(at.errors.map(codeOf), ["CONNECTION_CLOSED"]);
});

test("listen() cuts a client that is silent, or leaves, in the handshake", async () => {
  await using at = await place({}, { handshakeTimeoutMs: 20 });
  const silent = await at.raw();
  await silent.send("GET / HTTP/1.1\r\n");
  await silent.rest().catch(() => undefined);
  assertEquals(at.errors.map(codeOf), ["TIMED_OUT"]);
  const leaving = await at.raw();
  await leaving.send("GET / ");
  await leaving.end();
  await leaving.rest().catch(() => undefined);
  assertEquals(codeOf(at.errors[1]), "WS_TRUNCATED");
});

/** Responses that a client must refuse. */
const wrongAnswers: readonly (readonly [NetErrorCode, string, string])[] = [
  ["WS_REFUSED", "403 Forbidden", "HTTP/1.1 403 Forbidden\r\n\r\n"],
  ["WS_REFUSED", "302 Found", "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"],
  ["WS_PROTOCOL", "does not answer", answer({ Upgrade: "h2c" })],
  ["WS_PROTOCOL", "does not answer", answer({ Connection: "close" })],
  ["WS_PROTOCOL", "does not answer", answer({ "Sec-WebSocket-Accept": "x" })],
  ["WS_PROTOCOL", "extension", answer({ "Sec-WebSocket-Extensions": "x" })],
  [
    "WS_PROTOCOL",
    "speaks x protocol",
    answer({ "Sec-WebSocket-Protocol": "x" }),
  ],
  ["WS_PROTOCOL", "HTTP/1.1", "220 smtp ready\r\n\r\n"],
  ["WS_PROTOCOL", "too long", "HTTP/1.1 101 " + "x".repeat(9_000)],
  ["WS_TRUNCATED", "ended", "HTTP/1.1 101 "],
];

test("connect() refuses answers that are not those of a WebSocket", async () => {
  for (const [code, text, sent] of wrongAnswers) {
    const network = memoryNetwork();
    await using listener = await network.listen("memory:hand");
    const connecting = network.connect("memory:hand", { webSocket: {} });
    const refused = rejectsWith(code, connecting, text);
    const { value: connection } = await listener[Symbol.asyncIterator]().next();
    const peer = new RawPeer(connection);
    const accept = await accepted(await peer.head());
    await peer.send(sent.replace("KEY", accept));
    if (code === "WS_TRUNCATED") await peer.end();
    await refused;
    peer.abort();
  }
});

test("connect() gives up a server that is silent", async () => {
  const network = memoryNetwork();
  await using _listener = await network.listen("memory:silent");
  await rejectsWith(
    "TIMED_OUT",
    network.connect("memory:silent", { webSocket: {}, timeoutMs: 20 }),
  );
  const stop = new AbortController();
  const { signal } = stop;
  const connecting = network.connect("memory:silent", {
    webSocket: {},
    signal,
  });
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 10);
  assertEquals(await connecting.catch((error) => error), reason);
});

test("connect() sends the path, the protocol and further fields", async () => {
  const network = memoryNetwork();
  await using listener = await network.listen("memory:hand");
  const webSocket = {
    path: "/chat?room=1",
    protocol: "mqtt",
    headers: { authorization: "Bearer x", origin: "https://example.org" },
  };
  const connecting = network.connect("memory:hand", { webSocket });
  const { value: connection } = await listener[Symbol.asyncIterator]().next();
  const head = await new RawPeer(connection).head();
  for (
    const line of [
      "GET /chat?room=1 HTTP/1.1\r\nHost: localhost\r\n",
      "Sec-WebSocket-Protocol: mqtt\r\n",
      "authorization: Bearer x\r\norigin: https://example.org",
    ]
  ) assertStringIncludes(head, line);
  connection.abort();
  await rejectsWith("CONNECTION_RESET", connecting);
});

test("webSocket is refused where an option cannot be used", async () => {
  const network = memoryNetwork();
  const wrong: readonly [unknown, string][] = [
    [{ mode: "frames" }, "webSocket.mode"],
    [{ type: "json" }, "webSocket.type"],
    [{ type: "text", mode: "bytes" }, "webSocket.type"],
    [{ path: "chat" }, "webSocket.path"],
    [{ path: "/a b" }, "webSocket.path"],
    [{ maxMessageLength: 0 }, "webSocket.maxMessageLength"],
    [{ pingMs: 0 }, "webSocket.pingMs"],
    [{ protocol: "a b" }, "webSocket.protocol"],
    [{ compress: true }, "compress: webSocket of a"],
    [true, "the options of webSocket of a"],
  ];
  const forClients: typeof wrong = [
    [{ origins: [] }, "origins: webSocket of a client"],
    [{ headers: { host: "x" } }, "webSocket.headers"],
    [{ headers: { a: "x\r\ny: z" } }, "webSocket.headers"],
  ];
  const forServers: typeof wrong = [
    [{ origins: ["example.org"] }, "webSocket.origins"],
    [{ origins: ["https://example.org/"] }, "webSocket.origins"],
    [{ headers: {} }, "headers: webSocket of a server"],
  ];
  for (const [options, name] of [...wrong, ...forClients]) {
    const webSocket = options as ClientWebSocket;
    const error = await network.connect("memory:x", { webSocket })
      .catch((error: unknown) => error);
    assert(error instanceof TypeError || error instanceof RangeError);
    assertStringIncludes(error.message, `Cannot use ${name}`);
  }
  for (const [options, name] of [...wrong, ...forServers]) {
    const webSocket = options as ServerWebSocket;
    const error = await network.listen("memory:x", { webSocket })
      .catch((error: unknown) => error);
    assert(error instanceof TypeError || error instanceof RangeError);
    assertStringIncludes(error.message, `Cannot use ${name}`);
  }
});

test("connect() to a server without WebSocket is refused, not hung", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) => void connection.send("220 ready"),
  );
  const { address } = server;
  await rejectsWith("WS_TRUNCATED", connect(address, { webSocket: {} }));
});
