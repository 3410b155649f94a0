/**
 * `request_reply.ts [ROUNDS]`: requests and replies beside a bare framed echo of
 * bytes and of JSON, between two processes of the runtime that runs this. Prints
 * as JSON, for each kind, the medians over the rounds of the time that one took
 * with 1 in flight (p50 and p99, microseconds), and of how many a second came
 * back with 256 in flight. 64 characters there and back each.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import {
  type Codec,
  commandFrame,
  createClient,
  json,
  lengthPrefixed,
  serve,
  type Server,
} from "../mod.ts";
import {
  commandMessages,
  connectMessages,
  type Peer,
  pipelinedCommands,
  serveMessages,
} from "../src/message/mod.ts";
import { type Ask, measureAll } from "./asks.ts";

const rounds = Number(process.argv[2] ?? 5);
const text = "x".repeat(64);
const bytes = new TextEncoder().encode(text);
const bare = lengthPrefixed();
const bareJson = json(bare);
const numbered = commandMessages(commandFrame(), { echo: 1 });
const dialect = pipelinedCommands(numbered);

if (process.argv[2] === "serve") await runServers();
else await measure();

async function runServers(): Promise<void> {
  const address = { port: 0 };
  const handlers = { echo: (body: unknown) => body };
  const servers: Pick<Server<unknown>, "address">[] = [
    await echoServer(bare),
    await echoServer(bareJson),
    await serveMessages({ address, handlers }),
    await serveMessages({ address, handlers, dialect }),
  ];
  console.log(JSON.stringify(servers.map(({ address }) => address)));
}

function echoServer<T>(codec: Codec<T>): Promise<Server<T>> {
  return serve(
    { address: { port: 0 }, codec },
    (connection) => connection.forEach((frame) => connection.send(frame)),
  );
}

async function measure(): Promise<void> {
  const server = spawn(process.execPath, [
    ...("Deno" in globalThis ? ["run", "-A", "--no-check"] : []),
    process.argv[1]!,
    "serve",
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(server.stdout), "line");
  const [echo, jsonEcho, messages, inOrder] = JSON.parse(String(line));
  const kinds: Record<string, Ask> = {
    "framed echo": await echoAsk(echo, bare, bytes),
    "framed echo of JSON": await echoAsk(jsonEcho, bareJson, text),
    "request and reply": peerAsk(await connectMessages({ address: messages })),
    "pipelined": peerAsk(await connectMessages({ address: inOrder, dialect })),
  };
  const table = await measureAll(kinds, rounds);
  const floor = table["framed echo of JSON"]?.["a second, 256 in flight"] ??
    NaN;
  console.log(JSON.stringify(Object.fromEntries(
    Object.entries(table).map(([kind, row]) => [kind, {
      ...row,
      "this / echo of JSON": Number(
        ((row["a second, 256 in flight"] ?? NaN) / floor).toFixed(2),
      ),
    }]),
  )));
  server.kill("SIGKILL");
  process.exit(0);
}

/** What comes back belongs to the first that waits. */
async function echoAsk<T>(
  address: Server<T>["address"],
  codec: Codec<T>,
  frame: T,
): Promise<Ask> {
  const client = await createClient({ address, codec });
  const waiting: ((frame: T) => void)[] = [];
  void client.forEach((frame) => waiting.shift()?.(frame));
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      void client.send(frame);
    });
}

function peerAsk(peer: Peer): Ask {
  return () => peer.request("echo", text);
}
