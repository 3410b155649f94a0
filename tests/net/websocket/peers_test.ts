// WebSocket with the implementations of others. Bun has its own in the place of `ws`.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocket as WsClient, WebSocketServer } from "ws";
import {
  type CloseInfo,
  createClient,
  formatAddress,
  lengthPrefixed,
  NetError,
  serve,
  type Server,
} from "../../../mod.ts";
import { Child } from "../../interop/child.ts";
import { utf8 } from "../../support/bytes.ts";
import { projectFile } from "../../support/programs.ts";

const codec = lengthPrefixed();
const large = new Uint8Array(500_000).fill(7);

/** A server that echoes, and how its connections ended. */
async function echoing(): Promise<{
  readonly server: Server<Uint8Array>;
  readonly closed: Promise<CloseInfo>[];
}> {
  const closed: Promise<CloseInfo>[] = [];
  const server = await serve(
    { address: "ws://127.0.0.1:0/", codec },
    (connection) => {
      closed.push(connection.closed);
      return connection.forEach((message) => connection.send(message));
    },
  );
  return { server, closed };
}

const noWebSocket = "WebSocket" in globalThis
  ? false
  : "this runtime has no WebSocket";

test(
  "serve() speaks to the WebSocket of this runtime",
  { skip: noWebSocket },
  async () => {
    const { server, closed } = await echoing();
    const socket = new WebSocket(formatAddress(server.address));
    socket.binaryType = "arraybuffer";
    const messages: Uint8Array[] = [];
    const ended = new Promise<CloseEvent>((resolve, reject) => {
      socket.onerror = reject;
      socket.onclose = resolve;
      socket.onopen = () => {
        socket.send("héllo");
        socket.send(new Uint8Array(0));
        socket.send(large);
      };
      socket.onmessage = ({ data }) => {
        messages.push(new Uint8Array(data));
        if (messages.length === 3) socket.close(1_000);
      };
    });
    const { code, wasClean } = await ended;
    assertEquals([code, wasClean, socket.extensions], [1_000, true, ""]);
    assertEquals(messages, [utf8("héllo"), new Uint8Array(0), large]);
    assertEquals(await closed[0], { by: "remote" });
    await server.close();
  },
);

test("serve() speaks to ws, whose compression it declines", async () => {
  const { server, closed } = await echoing();
  const socket = new WsClient(formatAddress(server.address), {
    perMessageDeflate: true,
  });
  await once(socket, "open");
  assertEquals(socket.extensions, "");
  socket.send("hello");
  assertEquals(
    new Uint8Array((await once(socket, "message"))[0]),
    utf8("hello"),
  );
  socket.ping("payload");
  assertEquals(String((await once(socket, "pong"))[0]), "payload");
  socket.send(large);
  assertEquals(new Uint8Array((await once(socket, "message"))[0]), large);
  socket.close(1_000);
  assertEquals((await once(socket, "close"))[0], 1_000);
  assertEquals(await closed[0], { by: "remote" });
  await server.close();
});

test("createClient() speaks to the server of ws", async () => {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: true,
  });
  await once(server, "listening");
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      if (String(data) === "go away") socket.close(1_008, "as you wish");
      else socket.send(data, { binary: isBinary });
    });
  });
  const { port } = server.address() as AddressInfo;
  const address = `ws://127.0.0.1:${port}/`;
  await using client = await createClient({ address, codec });
  for (const message of [utf8("hello"), new Uint8Array(0), large]) {
    await client.send(message);
    assertEquals(await client.receive(), message);
  }
  await client.close();
  assertEquals(await client.closed, { by: "local" });
  await using unwanted = await createClient({ address, codec });
  await unwanted.send(utf8("go away"));
  ensureSentAway(await unwanted.closed);
  const stopped = once(server, "close");
  server.close();
  await stopped;
});

function ensureSentAway({ by, error }: CloseInfo): void {
  assert(error instanceof NetError, String(error));
  assertEquals([by, error.code], ["remote", "WS_CLOSED"]);
  assertStringIncludes(error.message, '1008 "as you wish"');
}

/** A Python that has them, which is not always the first of a machine. */
const python = ["python3", "/usr/bin/python3"].find((program) =>
  spawnSync(program, ["-c", "import websockets"]).status === 0
);
const skip = python !== undefined
  ? false
  : "no websockets on this machine (Debian: python3-websockets)";

test("serve() speaks to Python's websockets", { skip }, async () => {
  const { server, closed } = await echoing();
  await using child = new Child([
    python ?? "",
    projectFile("tests/net/websocket/peer.py"),
    "client",
    formatAddress(server.address),
  ]);
  const { code, output } = await child.ended;
  assertEquals([code, output], [0, "done\n"]);
  assertEquals(await closed[0], { by: "remote" });
  await server.close();
});

test("createClient() speaks to Python's websockets", { skip }, async () => {
  await using child = new Child([
    python ?? "",
    projectFile("tests/net/websocket/peer.py"),
    "server",
  ]);
  const address = `ws://127.0.0.1:${await child.firstLine}/`;
  await using client = await createClient({ address, codec });
  for (const message of [utf8("hello"), new Uint8Array(0), large]) {
    await client.send(message);
    assertEquals(await client.receive(), message);
  }
  await client.close();
  assertEquals(await client.closed, { by: "local" });
  await using unwanted = await createClient({ address, codec });
  await unwanted.send(utf8("go away"));
  ensureSentAway(await unwanted.closed);
});
