// WebSockets at a server of node:http, beside what else it does.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  connect,
  createClient,
  framed,
  lengthPrefixed,
  NetError,
  serve,
} from "../../../mod.ts";
import {
  attachWebSocket,
  type UpgradeServer,
} from "../../../src/net/adapters/http.ts";
import type { Address } from "../../../src/net/address.ts";
import { utf8 } from "../../support/bytes.ts";
import { makeCertificates, noOpenSsl } from "../../support/certificates.ts";
import { frame, RawPeer, request } from "./raw_peer.ts";

const codec = lengthPrefixed();

async function listening(server: http.Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Ends a server and its connections, which runtimes do not do alike. */
async function closed(server: http.Server): Promise<void> {
  const closing = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closing;
}

test("attachWebSocket() takes the WebSockets, and leaves the pages", async () => {
  const pages = http.createServer((_, response) => response.end("a page"));
  const port = await listening(pages);
  const listener = attachWebSocket(pages, { path: "/chat" });
  const { address } = listener;
  assertEquals(address, {
    transport: "ws",
    hostname: "127.0.0.1",
    port,
    path: "/chat",
  });
  const network = { listen: () => Promise.resolve(listener) };
  const server = await serve(
    { address, codec, network },
    (connection) => connection.forEach((message) => connection.send(message)),
  );
  const client = await createClient({
    address: `ws://127.0.0.1:${port}/chat?a=1`,
    codec,
  });
  const large = new Uint8Array(1_000_000).fill(7);
  await client.send(large);
  assertEquals(await client.receive(), large);
  const page = await fetch(`http://127.0.0.1:${port}/`, {
    headers: { connection: "close" },
  });
  assertEquals(await page.text(), "a page");
  await client.close();
  assertEquals(await client.closed, { by: "local" });
  await server.close();
  assertEquals(pages.listenerCount("upgrade"), 0);
  await closed(pages);
});

test("attachWebSocket() takes frames that came with the request", async () => {
  const pages = http.createServer();
  const port = await listening(pages);
  const listener = attachWebSocket(pages);
  const peer = new RawPeer(await connect({ port }));
  await peer.send(request(), frame(2, utf8("early")));
  for await (const connection of listener) {
    const server = framed(connection, codec);
    assertEquals(await server.receive(), utf8("early"));
    await server.send(utf8("late"));
    break;
  }
  await peer.head();
  assertEquals(await peer.frame(), { opcode: 2, payload: utf8("late") });
  peer.abort();
  await closed(pages);
});

test("attachWebSocket() refuses others, unless there is another listener", async () => {
  const pages = http.createServer();
  const port = await listening(pages);
  const errors: unknown[] = [];
  const peers: (Address | undefined)[] = [];
  const onError = (error: unknown, peer?: Address) => {
    errors.push(error);
    peers.push(peer);
  };
  const listener = attachWebSocket(pages, { path: "/chat", onError });
  const refused = async (address: string, status: string) => {
    const error = await assertRejects(
      () =>
        connect(address, { webSocket: { headers: { origin: "https://a.b" } } }),
      NetError,
      status,
    );
    assertEquals(error.code, "WS_REFUSED");
  };
  await refused(`ws://127.0.0.1:${port}/other`, "404");
  await refused(`ws://127.0.0.1:${port}/chat`, "403");
  const other = attachWebSocket(pages, { path: "/other", origins: ["*"] });
  const client = await connect(`ws://127.0.0.1:${port}/other`);
  client.abort();
  await Promise.all([listener.close(), other.close()]);
  assertEquals(errors.length, 2);
  for (const peer of peers) {
    assert(peer?.transport === "tcp" && ![0, port].includes(peer.port));
    assertEquals(peer.hostname, "127.0.0.1");
  }
  await closed(pages);
});

test(
  "attachWebSocket() takes those of node:https",
  { skip: noOpenSsl },
  async () => {
    const { ca, server: tls } = makeCertificates();
    const pages = https.createServer({
      cert: `${tls.cert}`,
      key: `${tls.key}`,
    });
    const port = await listening(pages);
    const listener = attachWebSocket(pages);
    const { address } = listener;
    assertEquals(address.transport, "wss");
    const client = await createClient({
      address: `wss://127.0.0.1:${port}`,
      codec,
      tls: { ca, serverName: "localhost" },
    });
    for await (const connection of listener) {
      assertEquals(connection.remoteAddress.transport, "wss");
      const server = framed(connection, codec);
      await client.send(utf8("hello"));
      assertEquals(await server.receive(), utf8("hello"));
      await Promise.all([client.close(), server.close()]);
      break;
    }
    await closed(pages);
  },
);

test("attachWebSocket() refuses what is no server", () => {
  const wrong = "http" as unknown as UpgradeServer;
  const error = assertThrows(() => attachWebSocket(wrong), TypeError);
  assert(error.message.startsWith("Cannot use server: "));
});
