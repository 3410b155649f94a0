/**
 * Servers with TLS for any runtime, one for each case: `tls_server.ts CERTIFICATES`,
 * a file in JSON. Prints their addresses as JSON. Ends with its standard input.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import {
  formatAddress,
  framed,
  type FramedConnection,
  lines,
  listen,
  serve,
  type ServerTls,
} from "../../mod.ts";
import { TlsServer } from "../../src/net/adapters/tls/mod.ts";
import { TransportConnection } from "../../src/net/connection.ts";
import type { Certificates } from "../support/certificates.ts";

const [file = ""] = process.argv.slice(2);
const certificates: Certificates = JSON.parse(readFileSync(file, "utf8"));
const { ca, server: local, otherName, expired, strangeServer, renewed } =
  certificates;
const mutual = {
  ...local,
  clientCertificate: "required",
  clientCa: ca,
} as const;

const shout = (connection: FramedConnection<string>) =>
  connection.forEach((line) => connection.send(line.toUpperCase()));

const closers: (() => Promise<void>)[] = [];
const addresses: Record<string, string> = {};

async function start(
  name: string,
  tls: ServerTls | undefined,
  handler: (connection: FramedConnection<string>) => Promise<void> = shout,
): Promise<void> {
  const server = await serve({
    address: { port: 0 },
    codec: lines(),
    handshakeTimeoutMs: 500,
    ...(tls !== undefined && { tls }),
    onError: () => undefined,
  }, handler);
  closers.push(() => server.close());
  addresses[name] = formatAddress(server.address);
}

await start("usual", local);
await start("strange", strangeServer);
await start("other", otherName);
await start("expired", expired);
await start("mutual", mutual);
await start("names", { ...local, names: { "other.test": otherName } });
await start("protocols", { ...local, alpn: ["b", "a"] });
await start("newest", { ...local, minVersion: "TLSv1.3" });
await start("plain", undefined, async (connection) => {
  await connection.send("220 ready");
  await connection.forEach(() => undefined);
});
await start("offer", undefined, async (connection) => {
  await connection.receive();
  void connection.send("go on");
  await connection.startTls("server", local);
  await shout(connection);
});
await start("late", local, async (connection) => {
  await connection.forEach(() => undefined);
  await connection.send("late answer");
});

let current = local;
const rotating = await serve(
  { address: { port: 0 }, codec: lines(), tls: local },
  (connection) =>
    connection.forEach((line) => {
      if (line === "rotate") {
        current = current === local ? renewed : local;
        rotating.setCertificate(current);
      }
      return connection.send(line.toUpperCase());
    }),
);
closers.push(() => rotating.close());
addresses.rotating = formatAddress(rotating.address);

// A server whose connection breaks off without a close_notify.
const cutting = await listen({ port: 0 });
closers.push(() => cutting.close());
const { address } = cutting;
if (address.transport !== "tcp") throw new Error("Not on TCP");
addresses.cutting = formatAddress({ ...address, transport: "tls" });
void (async () => {
  for await (const connection of cutting) {
    if (!(connection instanceof TransportConnection)) continue;
    const below = connection.takeChannel().detach();
    const secure = await new TlsServer(local, 1_000).secure(below);
    const cut = framed(secure, lines());
    await cut.send("one");
    await cut.receive();
    await below.closeWrite();
  }
})();

process.stdin.once("end", async () => {
  await Promise.all(closers.map((close) => close()));
  process.exit();
}).resume();
console.log(JSON.stringify(addresses));
