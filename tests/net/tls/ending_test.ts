// How connections with TLS end.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test as anyTest } from "node:test";
import {
  connect,
  createClient,
  framed,
  type FramedConnection,
  lines,
  NetError,
  serve,
  type Transport,
} from "../../../mod.ts";
import { MAX_HANDSHAKES } from "../../../src/defaults.ts";
import { memoryAdapter } from "../../../src/net/adapters/memory_adapter.ts";
import { tlsClient, TlsServer } from "../../../src/net/adapters/tls/mod.ts";
import { makeCertificates, noOpenSsl } from "../../support/certificates.ts";
import { connected } from "../../support/connected.ts";

const certificates = noOpenSsl === false ? makeCertificates() : undefined;

function test(
  name: string,
  run: () => Promise<void>,
  skip: false | string = noOpenSsl,
): void {
  anyTest(name, { skip }, run);
}

/** Both ends of a connection, and the transport below the client's. */
async function ends(): Promise<{
  client: FramedConnection<string>;
  server: FramedConnection<string>;
  below: Transport;
}> {
  const address = { transport: "memory", name: "ends" } as const;
  const { a: below, b: accepted, dispose } = await connected(
    memoryAdapter({}),
    address,
  );
  const { ca, server: certificate } = certificates!;
  const [client, server] = await Promise.all([
    tlsClient({ ca, serverName: "localhost" }, address).secure(below),
    new TlsServer(certificate, 5_000).secure(accepted),
  ]);
  await dispose();
  return {
    client: framed(client, lines()),
    server: framed(server, lines()),
    below,
  };
}

test("A connection that ends without a close_notify is a cut one", async () => {
  const { client, server, below } = await ends();
  await client.send("one");
  await client.sendEncoded(lines().encode("tw").subarray(0, 2));
  assertEquals(await server.receive(), "one");
  await below.closeWrite();
  const error = await assertRejects(() => server.receive(), NetError);
  assertEquals(error.code, "TLS_TRUNCATED");
  assertEquals((await server.closed).error, error);
  client.abort();
});

test("close() with TLS delivers all that was sent, and is clean on both sides", async () => {
  const { client, server } = await ends();
  for (let i = 0; i < 1_000; i++) await client.send(`line ${i}`);
  const closing = client.close();
  for (let i = 0; i < 1_000; i++) {
    assertEquals(await server.receive(), `line ${i}`);
  }
  assertEquals(await server.receive(), undefined);
  await Promise.all([closing, server.close()]);
  assertEquals(await client.closed, { by: "local" });
  assertEquals(await server.closed, { by: "remote" });
});

test("closeWrite() with TLS lets the replies through that follow", async () => {
  const { client, server } = await ends();
  await client.send("question");
  await client.closeWrite();
  assertEquals(await server.receive(), "question");
  assertEquals(await server.receive(), undefined);
  await server.send("late answer");
  assertEquals(await client.receive(), "late answer");
  await Promise.all([server.close(), client.close()]);
}, "Bun" in globalThis ? "TLS of Bun has no half-close" : noOpenSsl);

test(
  "Where TLS has no half-close, what is sent after the peer's end is refused",
  async () => {
    const { client, server } = await ends();
    await client.closeWrite();
    assertEquals(await server.receive(), undefined);
    await assertRejects(async () => {
      while (true) await server.send("late answer");
    }, NetError);
    client.abort();
  },
  "Bun" in globalThis ? noOpenSsl : "this runtime has it",
);

test("abort() with TLS is told to the peer", async () => {
  const { client, server } = await ends();
  await client.send("one");
  assertEquals(await server.receive(), "one");
  client.abort();
  await assertRejects(() => server.receive(), NetError);
  assert((await server.closed).error instanceof NetError);
});

test("Of too many handshakes that are under way, the oldest gives way", async () => {
  const server = new TlsServer(certificates!.server, Infinity);
  const address = { transport: "memory", name: "many" } as const;
  const settings = { noDelay: true, keepAlive: false, reusePort: false };
  const adapter = memoryAdapter({});
  const { signal } = new AbortController();
  const ended: number[] = [];
  const all: Promise<void>[] = [];
  const acceptor = await adapter.listen(address, settings, (transport) => {
    const number = all.length;
    all.push(
      server.secure(transport).then(() => undefined, () => {
        ended.push(number);
      }),
    );
  }, () => undefined);
  for (let i = 0; i < MAX_HANDSHAKES + 3; i++) {
    (await adapter.connect(address, { ...settings, signal })).open({
      data: () => undefined,
      end: () => undefined,
      fail: () => undefined,
    });
  }
  await Promise.all(all.slice(0, 3));
  assertEquals(ended, [0, 1, 2]);
  server.close();
  await Promise.all(all);
  await acceptor.close();
});

test("listener.close() ends the handshakes that are under way", async () => {
  const errors: unknown[] = [];
  const server = await serve({
    address: { port: 0 },
    codec: lines(),
    tls: certificates!.server,
    onError: (error) => errors.push(error),
  }, () => undefined);
  const { address } = server;
  assert(address.transport === "tls");
  await using silent = await connect({ ...address, transport: "tcp" });
  // Once this one has been served, the other is known, too.
  const { ca } = certificates!;
  const tls = { ca, serverName: "localhost" };
  const client = await createClient({ address, codec: lines(), tls });
  assertEquals(await client.receive(), undefined);
  await client.close();
  await server.close();
  await new Promise((resolve) => setTimeout(resolve));
  const [error] = errors;
  assert(error instanceof NetError, String(error));
  assertEquals(error.code, "CONNECTION_CLOSED");
  silent.abort();
});
