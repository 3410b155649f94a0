/**
 * `conversations.ts [ROUNDS]`: dialects beside the libraries that people use for them,
 * on the runtime that runs this: JSON-RPC beside vscode-jsonrpc, both sides the same,
 * between two processes; and a client of Redis beside `redis` and `ioredis`, with one
 * redis-server. Prints the same figures as `request_reply.ts`, as JSON.
 */
import { Redis } from "ioredis";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as net from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { createClient as createRedis } from "redis";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { redisClient } from "../examples/conversations/redis_client.ts";
import { connectMessages, jsonRpc, serveMessages } from "../src/message/mod.ts";
import { lsp } from "../src/presets/mod.ts";
import { noRedis, RedisServer } from "../tests/support/redis_server.ts";
import { type Ask, measureAll, type Row } from "./asks.ts";

const rounds = Number(process.argv[2] ?? 5);
const params = { text: "x".repeat(64) };
const dialect = jsonRpc(lsp());

if (process.argv[2] === "serve") await runServers();
else await measure();

async function runServers(): Promise<void> {
  const ours = await serveMessages({
    address: { port: 0 },
    dialect,
    handlers: { echo: (body) => body },
  });
  const theirs = net.createServer({ noDelay: true }, (socket) => {
    vscode(socket).onRequest("echo", (body) => body);
  });
  theirs.listen(0, "127.0.0.1");
  await once(theirs, "listening");
  console.log(JSON.stringify([ours.address, theirs.address()]));
}

async function measure(): Promise<void> {
  const server = spawn(process.execPath, [
    ...("Deno" in globalThis ? ["run", "-A", "--no-check"] : []),
    process.argv[1]!,
    "serve",
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(server.stdout), "line");
  const [address, { port }] = JSON.parse(String(line));
  const peer = await connectMessages({ address, dialect });
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const connection = vscode(socket);
  const rpc = await measureAll({
    "vscode-jsonrpc 10": () => connection.sendRequest("echo", params),
    "jsonRpc(lsp())": () => peer.request("echo", params),
  }, rounds);
  server.kill("SIGKILL");
  console.log(JSON.stringify({
    ...beside(rpc, "vscode-jsonrpc 10"),
    ...noRedis === false ? await measureRedis() : {},
  }));
  process.exit(0);
}

async function measureRedis(): Promise<Record<string, unknown>> {
  await using server = await RedisServer.start("--appendonly", "no");
  const { port } = server;
  await using ours = await redisClient({ hostname: "127.0.0.1", port });
  const ioredis = new Redis(port, "127.0.0.1");
  const redis = createRedis({ socket: { port, host: "127.0.0.1" } });
  await redis.connect();
  const value = "x".repeat(64);
  const kinds: Record<string, Ask> = {
    "redis 6, SET": () => redis.set("k", value),
    "ioredis 6, SET": () => ioredis.set("k", value),
    "pipelined(resp()), SET": () => ours.call("SET", "k", value),
    "redis 6, GET": () => redis.get("k"),
    "ioredis 6, GET": () => ioredis.get("k"),
    "pipelined(resp()), GET": () => ours.call("GET", "k"),
  };
  const rows = await measureAll(kinds, rounds);
  ioredis.disconnect();
  redis.destroy();
  return {
    ...beside(only(rows, "SET"), "redis 6, SET"),
    ...beside(only(rows, "GET"), "redis 6, GET"),
  };
}

function only(rows: Record<string, Row>, part: string): Record<string, Row> {
  return Object.fromEntries(
    Object.entries(rows).filter(([kind]) => kind.endsWith(part)),
  );
}

/** The rows, each beside one of them. */
function beside(
  rows: Record<string, Row>,
  first: string,
): Record<string, unknown> {
  const name = "a second, 256 in flight";
  return Object.fromEntries(
    Object.entries(rows).map(([kind, row]) => [kind, {
      ...row,
      "this / first": Number(
        ((row[name]) / (rows[first]?.[name] ?? NaN)).toFixed(2),
      ),
    }]),
  );
}

function vscode(socket: net.Socket): MessageConnection {
  const connection = createMessageConnection(
    new StreamMessageReader(socket),
    new StreamMessageWriter(socket),
  );
  connection.listen();
  return connection;
}
