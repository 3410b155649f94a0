/**
 * Servers of WebSockets for any runtime, one for each case: `websocket_server.ts
 * CERTIFICATES`, a file in JSON. Prints their addresses as JSON. Ends with its standard
 * input.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import {
  type Codec,
  formatAddress,
  type FramedConnection,
  lengthPrefixed,
  lines,
  serve,
  type ServeOptions,
} from "../../mod.ts";

const [file = ""] = process.argv.slice(2);
const certificates = JSON.parse(readFileSync(file, "utf8"));

const closers: (() => Promise<void>)[] = [];
const addresses: Record<string, string> = {};

async function start<T>(
  name: string,
  codec: Codec<T>,
  options: Partial<ServeOptions<T>> = {},
  handler: (connection: FramedConnection<T>) => Promise<void> = echo,
): Promise<void> {
  const server = await serve({
    address: "ws://127.0.0.1:0/case",
    codec,
    onError: () => undefined,
    ...options,
  }, handler);
  closers.push(() => server.close());
  addresses[name] = formatAddress(server.address);
}

function echo<T>(connection: FramedConnection<T>): Promise<void> {
  return connection.forEach((message) => connection.send(message));
}

const messages = lengthPrefixed({ maxFrameLength: 2 ** 21 });
await start("messages", messages, { webSocket: { maxMessageLength: 2 ** 21 } });
await start("texts", messages, { webSocket: { type: "text" } });
await start("bytes", lines(), { webSocket: { mode: "bytes" } });
await start("pings", messages, { webSocket: { pingMs: 50 } });
await start("secure", messages, {
  address: "wss://127.0.0.1:0/case",
  tls: certificates.server,
});
await start("late", messages, {}, async (connection) => {
  await connection.forEach(() => undefined);
  await connection.send(new Uint8Array(1));
});
await start("aborting", messages, {}, async (connection) => {
  await connection.receive();
  connection.abort();
});

process.stdin.once("end", async () => {
  await Promise.all(closers.map((close) => close()));
  process.exit();
}).resume();
console.log(JSON.stringify(addresses));
