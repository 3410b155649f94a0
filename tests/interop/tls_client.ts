/**
 * A client of `tls_server.ts`, for any runtime: `tls_client.ts CERTIFICATES
 * ADDRESSES`, the latter as JSON. Prints what became of each case as JSON: what was
 * answered, or the code of the error.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import {
  type ClientTls,
  connect,
  createClient,
  type FramedConnection,
  lines,
  NetError,
  parseAddress,
} from "../../mod.ts";
import { utf8 } from "../support/bytes.ts";
import type { Certificates } from "../support/certificates.ts";

const [file = "", given = "{}"] = process.argv.slice(2);
const { ca, client: alice, strangeClient }: Certificates = JSON.parse(
  readFileSync(file, "utf8"),
);
const addresses: Record<string, string> = JSON.parse(given);
const outcomes: Record<string, string> = {};

function client(
  server: string,
  tls: ClientTls = {},
): Promise<FramedConnection<string>> {
  return createClient({
    address: addresses[server] ?? "",
    codec: lines(),
    tls: { ca, serverName: "localhost", ...tls },
  });
}

async function asked(
  connection: FramedConnection<string>,
  question = "hello",
): Promise<string> {
  await connection.send(question);
  const answer = await connection.receive();
  return answer ?? "the end";
}

async function check(
  name: string,
  run: () => Promise<string>,
): Promise<void> {
  // A test that waits in vain then shows for which case.
  console.error(name);
  try {
    outcomes[name] = await run();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    outcomes[name] = error.code;
  }
}

/** One question over a connection of its own. */
function one(server: string, tls?: ClientTls): () => Promise<string> {
  return async () => {
    const connection = await client(server, tls);
    try {
      return await asked(connection);
    } finally {
      await connection.close();
    }
  };
}

/** A connection to the port of a server with TLS, without TLS. */
function inTheClear(server: string) {
  const address = parseAddress(addresses[server] ?? "");
  if (address.transport !== "tls") throw new Error(`${server} has no TLS`);
  return connect({ ...address, transport: "tcp" });
}

await check("usual", one("usual"));
await check("an address for a name", one("usual", { serverName: "127.0.0.1" }));
await check("unknown authority", one("strange"));
await check("other name", one("other"));
await check("expired", one("expired"));
await check("client certificate", one("mutual", alice));
await check("no client certificate", one("mutual"));
await check("strange client certificate", one("mutual", strangeClient));
await check("name of several", one("names", { serverName: "other.test" }));
await check("protocol", async () => {
  const connection = await client("protocols", { alpn: ["a", "z"] });
  const answer = await asked(connection);
  await connection.close();
  return `${answer} ${connection.tls?.alpn}`;
});
await check("no common protocol", one("protocols", { alpn: ["z"] }));
await check("newest version", one("newest", { minVersion: "TLSv1.3" }));
await check("no TLS there", one("plain"));
await check("STARTTLS", async () => {
  const connection = await createClient({
    address: addresses.offer ?? "",
    codec: lines(),
  });
  await asked(connection, "STARTTLS");
  await connection.startTls("client", { ca, serverName: "localhost" });
  const answer = await asked(connection);
  await connection.close();
  return answer;
});
await check("half-close", async () => {
  const connection = await client("late");
  await connection.closeWrite();
  const answer = await connection.receive();
  await connection.close();
  return answer ?? "the end";
});
await check("truncation", async () => {
  const connection = await client("cutting");
  const first = await connection.receive();
  if (first !== "one") return `${first}`;
  try {
    return await asked(connection);
  } finally {
    connection.abort();
  }
});
await check("plain text", async () => {
  const connection = await inTheClear("usual");
  const writer = connection.writable.getWriter();
  await writer.write(utf8("GET / HTTP/1.1\r\n"));
  return await end(connection.readable);
});
await check(
  "silence",
  async () => await end((await inTheClear("usual")).readable),
);
await check("rotation", async () => {
  const before = await client("rotating");
  await asked(before, "rotate");
  const after = await client("rotating");
  const answers = [await asked(before, "old"), await asked(after, "new")];
  const same = before.tls?.peer?.sha256 === after.tls?.peer?.sha256;
  await Promise.all([before.close(), after.close()]);
  return `${answers.join()}${same ? ", the same certificate" : ""}`;
});
await check("100 MB", async () => {
  const connection = await client("usual");
  const line = "x".repeat(1_000_000);
  let answered = 0;
  const reading = (async () => {
    while (answered < 50) {
      if ((await connection.receive())?.length === line.length) answered++;
    }
  })();
  for (let i = 0; i < 50; i++) await connection.send(line);
  await reading;
  await connection.close();
  return `${answered}`;
});
console.log(JSON.stringify(outcomes));
process.exit();

/** How a stream ends that has no bytes. */
async function end(readable: ReadableStream<Uint8Array>): Promise<string> {
  try {
    return (await readable.getReader().read()).done ? "ended" : "an answer";
  } catch (_reset) {
    return "ended";
  }
}
