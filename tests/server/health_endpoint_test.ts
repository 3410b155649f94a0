/** The endpoint for orchestrators, asked over HTTP by `fetch` and by hand. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import net from "node:net";
import { test } from "node:test";
import {
  healthEndpoint,
  type HealthEndpointOptions,
  type ServerState,
} from "../../src/server/mod.ts";
import { HandTicker } from "../support/hand_ticker.ts";

async function open(options: Partial<HealthEndpointOptions> = {}) {
  const endpoint = await healthEndpoint({
    address: { port: 0 },
    servers: [],
    ...options,
  });
  const { address } = endpoint;
  assert(address.transport === "tcp");
  assertEquals(address.hostname, "127.0.0.1");
  const { port } = address;
  return {
    ask: async (path: string, method = "GET") => {
      const url = `http://127.0.0.1:${port}${path}`;
      const response = await fetch(url, { method });
      return {
        status: response.status,
        body: await response.text(),
        headers: response.headers,
      };
    },
    /** All that comes back for some bytes. */
    say: (bytes: string) => said(port, bytes),
    port,
    [Symbol.asyncDispose]: () => endpoint.close(),
  };
}

function said(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Uint8Array) => text += `${chunk}`);
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
    socket.write(bytes);
  });
}

test("healthEndpoint() says that the program lives", async () => {
  await using health = await open();
  const { status, body, headers } = await health.ask("/live");
  assertEquals([status, body], [200, "live\n"]);
  assertEquals(headers.get("cache-control"), "no-store");
  assertEquals(
    headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
});

test("healthEndpoint() is ready only while all servers are open", async () => {
  const servers: { state: ServerState }[] = [
    { state: "open" },
    { state: "open" },
  ];
  await using health = await open({ servers });
  const ask = async () => {
    const { status, body } = await health.ask("/ready?verbose");
    return [status, body];
  };
  assertEquals(await ask(), [200, "ready\n"]);
  servers[1]!.state = "closing";
  assertEquals(await ask(), [503, "closing\n"]);
  servers[1]!.state = "closed";
  assertEquals(await ask(), [503, "closed\n"]);
  servers[1]!.state = "open";
  assertEquals(await ask(), [200, "ready\n"]);
  assertEquals((await health.ask("/live")).status, 200);
});

test("healthEndpoint() has metrics where a function was given", async () => {
  const text = 'frames{codec="lines"} 7\n# größer\n';
  await using health = await open({ metrics: () => Promise.resolve(text) });
  const { status, body, headers } = await health.ask("/metrics");
  assertEquals([status, body], [200, text]);
  assertEquals(headers.get("content-length"), "35");
  await using without = await open();
  assertEquals((await without.ask("/metrics")).status, 404);
});

test("healthEndpoint() answers 500 where metrics throws, and tells it", async () => {
  const errors: unknown[] = [];
  const failure = new Error("no numbers");
  await using health = await open({
    metrics: () => {
      throw failure;
    },
    onError: (error) => errors.push(error),
  });
  assertEquals((await health.ask("/metrics")).status, 500);
  assertEquals((await health.ask("/live")).status, 200);
  assertEquals(errors, [failure]);
});

test("healthEndpoint() refuses other paths and methods", async () => {
  await using health = await open();
  assertEquals((await health.ask("/")).status, 404);
  assertEquals((await health.ask("/live/", "POST")).status, 404);
  const { status, headers } = await health.ask("/live", "POST");
  assertEquals([status, headers.get("allow")], [405, "GET, HEAD"]);
});

test("healthEndpoint() answers HEAD without a body, and closes each connection", async () => {
  await using health = await open();
  const get = await health.say("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  const head = await health.say("HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
  assert(get.startsWith("HTTP/1.1 200 OK\r\n"), get);
  assert(get.includes("\r\nConnection: close\r\n"), get);
  assertEquals(`${head}live\n`, get);
  // A second request on the connection gets nothing.
  const twice = "GET /live HTTP/1.1\r\n\r\n".repeat(2);
  assertEquals(await health.say(twice), get);
});

test("healthEndpoint() answers 400 to what is no request, and 431 to a long one", async () => {
  await using health = await open();
  const startOf = async (bytes: string) =>
    (await health.say(bytes)).split("\r\n")[0];
  const bad = "HTTP/1.1 400 Bad Request";
  assertEquals(await startOf("hello\r\n\r\n"), bad);
  assertEquals(await startOf("GET /live HTTP/2\r\n\r\n"), bad);
  assertEquals(await startOf("GET http://x/live HTTP/1.1\r\n\r\n"), bad);
  const long = `GET /live HTTP/1.1\r\nX: ${"x".repeat(8_192)}\r\n\r\n`;
  assertEquals(
    await startOf(long),
    "HTTP/1.1 431 Request Header Fields Too Large",
  );
});

test("healthEndpoint() cuts a request that takes too long", async () => {
  using time = new HandTicker(5_000);
  await using health = await open();
  const socket = net.connect(health.port, "127.0.0.1");
  let ended = false;
  socket.once("close", () => ended = true);
  socket.on("error", () => undefined); // it is reset
  await new Promise((resolve) => socket.write("GET /li", resolve));
  socket.resume();
  await time.pass(6_000, 500);
  for (let looks = 0; !ended && looks < 100; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  socket.destroy();
  assert(ended, "it waits for the rest of the request");
});

test("healthEndpoint() refuses what is no server", async () => {
  const servers = [{}] as unknown as HealthEndpointOptions["servers"];
  await assertRejects(() => open({ servers }), TypeError);
});
