// What a browser connects with. All runtimes but Node 20 have its WebSocket; a
// WebSocketStream is made of it, as that of Chromium is.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test as anyTest } from "node:test";
import {
  type AddressLike,
  type Codec,
  formatAddress,
  framed,
  type FramedConnection,
  json,
  lengthPrefixed,
  lines,
  listen,
  NetError,
  type NetErrorCode,
  serve,
  type ServerWebSocket,
} from "../../../mod.ts";
import { connectInBrowser } from "../../../src/net/browser/connect.ts";
import type { ConnectOptions } from "../../../src/net/mod.ts";
import { socketStream } from "../../../src/net/browser/socket_stream.ts";
import { utf8 } from "../../support/bytes.ts";

const skip = "WebSocket" in globalThis
  ? false
  : "this runtime has no WebSocket";

function test(
  name: string,
  run: () => Promise<void>,
  skipped: string | false = skip,
): void {
  anyTest(name, { skip: skipped }, run);
}

const isNode = !("Deno" in globalThis || "Bun" in globalThis);
const noEnd = skip || isNode &&
    "the WebSocket of Node keeps its process alive when it is closed with unread bytes";

/** A server, and a client of a browser without `WebSocketStream`. */
async function between<T>(
  codec: Codec<T>,
  webSocket: ServerWebSocket,
  handler: (connection: FramedConnection<T>) => Promise<void>,
  run: (client: FramedConnection<T>) => Promise<void>,
): Promise<void> {
  await using server = await serve(
    { address: "ws://127.0.0.1:0/chat", codec, webSocket },
    handler,
  );
  const { origins: _origins, ...options } = webSocket;
  const connection = await connectInBrowser(
    server.address,
    { webSocket: options },
    socketStream,
  );
  assertEquals(connection.remoteAddress, server.address);
  const client = framed(connection, codec);
  await run(client);
  await client.close();
}

function echo<T>(connection: FramedConnection<T>): Promise<void> {
  return connection.forEach((message) => connection.send(message));
}

async function rejectsWith(
  code: NetErrorCode,
  promise: Promise<unknown>,
): Promise<void> {
  const error = await assertRejects(() => promise, NetError);
  assertEquals(error.code, code, error.message);
}

test("connectInBrowser() sends and receives messages", () =>
  between(lengthPrefixed(), {}, echo, async (client) => {
    for (const length of [0, 1, 70_000, 1_000_000]) {
      const message = new Uint8Array(length).fill(7);
      await client.send(message);
      assertEquals(await client.receive(), message);
    }
    await client.close();
    assertEquals(await client.closed, { by: "local" });
  }));

test("connectInBrowser() sends and receives texts", () =>
  between(json(lengthPrefixed()), { type: "text" }, echo, async (client) => {
    for (const message of ["héllo", { a: [1, 2] }]) {
      await client.send(message);
      assertEquals(await client.receive(), message);
    }
  }));

test("connectInBrowser() runs any codec in the mode bytes", () =>
  between(lines(), { mode: "bytes" }, echo, async (client) => {
    await client.send("hello");
    assertEquals(await client.receive(), "hello");
  }));

test("connectInBrowser() agrees on a protocol", () =>
  between(lengthPrefixed(), { protocol: "mqtt" }, echo, async (client) => {
    await client.send(utf8("hello"));
    assertEquals(await client.receive(), utf8("hello"));
  }));

test("connectInBrowser() tells of the server's close, and refuses what is sent after", () =>
  between(
    lengthPrefixed(),
    {},
    async (connection) => void await connection.send(utf8("bye")),
    async (client) => {
      assertEquals(await client.receive(), utf8("bye"));
      assertEquals(await client.receive(), undefined);
      await rejectsWith(
        "CONNECTION_CLOSED",
        (async () => {
          await client.send(utf8("late"));
          await client.closeWrite();
        })(),
      );
    },
  ));

test("connectInBrowser() tells of a server that is gone", () =>
  between(
    lengthPrefixed(),
    {},
    async (connection) => {
      await connection.receive();
      connection.abort();
    },
    async (client) => {
      await client.send(utf8("hello"));
      await rejectsWith("WS_TRUNCATED", client.receive());
    },
  ));

test("connectInBrowser() tells why the server has closed it", async () => {
  await using server = await serve(
    {
      address: "ws://127.0.0.1:0/",
      codec: lengthPrefixed(),
      webSocket: { maxMessageLength: 10 },
    },
    echo,
  );
  const connection = await connectInBrowser(server.address, {}, socketStream);
  const client = framed(connection, lengthPrefixed());
  await client.send(utf8("too large for it"));
  const { error } = await client.closed;
  assert(error instanceof NetError, String(error));
  assertEquals(error.code, "WS_CLOSED");
});

test("connectInBrowser() fails when 16 MiB are not read", async () => {
  const { promise: refused, resolve } = Promise.withResolvers<void>();
  await between(
    lengthPrefixed(),
    {},
    async (connection) => {
      const message = new Uint8Array(1_000_000);
      try {
        for (let i = 0; i < 60; i++) await connection.send(message);
      } catch (_closed) {
        resolve();
      }
    },
    async (client) => {
      await refused;
      await rejectsWith(
        "RECEIVE_BUFFER_FULL",
        (async () => {
          while (await client.receive() !== undefined);
        })(),
      );
    },
  );
}, noEnd);

test("connectInBrowser() refuses what a browser has not", async () => {
  const wrong: readonly [AddressLike, ConnectOptions, string][] = [
    ["tcp://127.0.0.1:1", {}, "NOT_SUPPORTED"],
    ["ws://127.0.0.1:1", { tls: {} }, "Cannot use tls"],
    [{ port: 1 }, {}, "NOT_SUPPORTED"],
    ["127.0.0.1:1", {}, "NOT_SUPPORTED"],
    [new URL("ws://a") as never, {}, "Cannot read the address: expected"],
    ["ws://127.0.0.1:1", { noDelay: false }, "Cannot use noDelay"],
    ["ws://127.0.0.1:1", { keepAlive: true }, "Cannot use keepAlive"],
    ["ws://127.0.0.1:1", { webSocket: { pingMs: 1 } }, "Cannot use pingMs"],
    ["ws://127.0.0.1:1", { webSocket: { headers: {} } }, "Cannot use headers"],
    ["ws://127.0.0.1:1", {}, "CONNECTION_REFUSED"],
  ];
  for (const [address, options, text] of wrong) {
    const error = await connectInBrowser(address, options, socketStream)
      .catch((error: unknown) => error);
    assert(error instanceof Error);
    const got = error instanceof NetError ? error.code : error.message;
    assert(got.startsWith(text), `${got} for ${text}`);
  }
});

test("connectInBrowser() gives up a server that is silent", async () => {
  await using listener = await listen({ port: 0 });
  const { address } = listener;
  assert(address.transport === "tcp");
  const to = formatAddress({ ...address, transport: "ws", path: "/" });
  await rejectsWith(
    "TIMED_OUT",
    connectInBrowser(to, { timeoutMs: 50 }, socketStream),
  );
});
