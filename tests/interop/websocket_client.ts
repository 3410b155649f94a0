/**
 * A client of `websocket_server.ts`, for any runtime: `websocket_client.ts CERTIFICATES
 * ADDRESSES`, the latter as JSON. Prints what became of each case as JSON: what was
 * answered, or the code of the error.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import {
  type Codec,
  createClient,
  type FramedConnection,
  lengthPrefixed,
  lines,
  NetError,
} from "../../mod.ts";

const [file = "", given = "{}"] = process.argv.slice(2);
const { ca } = JSON.parse(readFileSync(file, "utf8"));
const addresses: Record<string, string> = JSON.parse(given);
const outcomes: Record<string, string> = {};
const messages = lengthPrefixed({ maxFrameLength: 2 ** 21 });
const webSocket = { maxMessageLength: 2 ** 21 };

async function check<T>(
  name: string,
  connecting: Promise<FramedConnection<T>>,
  run: (connection: FramedConnection<T>) => Promise<string>,
): Promise<void> {
  try {
    const connection = await connecting;
    outcomes[name] = await run(connection);
    await connection.close();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    outcomes[name] = error.code;
  }
}

function client(server: string): Promise<FramedConnection<Uint8Array>> {
  const address = addresses[server] ?? "";
  return createClient({ address, codec: messages, webSocket });
}

async function asked(
  connection: FramedConnection<Uint8Array>,
  length = 5,
): Promise<string> {
  await connection.send(new Uint8Array(length).fill(120));
  const answer = await connection.receive();
  return answer === undefined ? "the end" : `${answer.length} bytes`;
}

await check("a message", client("messages"), (c) => asked(c));
await check("an empty message", client("messages"), (c) => asked(c, 0));
await check("2 MiB", client("messages"), (c) => asked(c, 2 ** 21));
await check("a text", client("texts"), (c) => asked(c));
await check("a text over the limit", client("texts"), (c) => asked(c, 2 ** 21));
await check(
  "over TLS",
  createClient({
    address: addresses.secure ?? "",
    codec: messages,
    tls: { ca, serverName: "localhost" },
  }),
  (c) => asked(c),
);
await check(
  "bytes",
  createClient({
    address: addresses.bytes ?? "",
    codec: lines() as Codec<string>,
    webSocket: { mode: "bytes" },
  }),
  async (connection) => {
    await connection.send("hello");
    return `${await connection.receive()}`;
  },
);
await check("silence", client("pings"), async (connection) => {
  // Many times as long as a peer may be silent that answers no ping.
  const code = await connection.receive({ timeoutMs: 200 })
    .then(() => "a message", (error) => `${error.code}`);
  return code === "TIMED_OUT" ? await asked(connection) : code;
});
await check(
  "another path",
  createClient({
    address: `${addresses.messages}/other`,
    codec: messages,
  }),
  (c) => asked(c),
);
await check("half-close", client("late"), async (connection) => {
  await connection.closeWrite();
  const answer = await connection.receive();
  const { by, error } = await connection.closed;
  return `${answer} ${by} ${error}`;
});
await check("a reset", client("aborting"), (c) => asked(c));
await check("100 MB", client("messages"), async (connection) => {
  const message = new Uint8Array(1_000_000);
  let answered = 0;
  const reading = (async () => {
    while (answered < 50) {
      if ((await connection.receive())?.length === message.length) answered++;
    }
  })();
  for (let i = 0; i < 50; i++) await connection.send(message);
  await reading;
  return `${answered}`;
});
console.log(JSON.stringify(outcomes));
process.exit();
