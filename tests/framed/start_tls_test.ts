import { assert, assertEquals, assertRejects } from "@std/assert";
import { test as anyTest } from "node:test";
import {
  type ClientTls,
  createClient,
  framed,
  type FramedConnection,
  lines,
  NetError,
  serve,
  type Server,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { utf8 } from "../support/bytes.ts";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";

const certificates = noOpenSsl === false ? makeCertificates() : undefined;

function test(name: string, run: () => Promise<void>): void {
  anyTest(name, { skip: noOpenSsl }, run);
}

/** A server that begins in the clear, and then answers in capitals. */
function offering(errors: unknown[] = []): Promise<Server<string>> {
  return serve({
    address: { port: 0 },
    codec: lines(),
    onError: (error) => errors.push(error),
  }, async (connection) => {
    assertEquals(await connection.receive(), "STARTTLS");
    void connection.send("go on");
    await connection.startTls("server", certificates!.server);
    await connection.send(`${connection.tls?.version}`);
    await connection.forEach((line) => connection.send(line.toUpperCase()));
  });
}

async function agreed(
  { address }: Server<string>,
): Promise<FramedConnection<string>> {
  const connection = await createClient({ address, codec: lines() });
  await connection.send("STARTTLS");
  assertEquals(await connection.receive(), "go on");
  return connection;
}

function secured(
  connection: FramedConnection<string>,
  tls: ClientTls = {},
): Promise<FramedConnection<string>> {
  const { ca } = certificates!;
  return connection.startTls("client", { ca, serverName: "localhost", ...tls });
}

test("startTls() goes on with TLS over the same connection", async () => {
  await using server = await offering();
  await using connection = await agreed(server);
  assertEquals(connection.tls, undefined);
  assertEquals(await secured(connection), connection);
  assertEquals(connection.tls?.peer?.commonName, "localhost");
  assertEquals(await connection.receive(), "TLSv1.3");
  await connection.send("hello");
  assertEquals(await connection.receive(), "HELLO");
  await connection.close();
  assertEquals(await connection.closed, { by: "local" });
});

test("startTls() leaves the connection where the server can count and close it", async () => {
  const server = await offering();
  const connection = await agreed(server);
  await secured(connection);
  assertEquals(await connection.receive(), "TLSv1.3");
  assertEquals(server.connections.size, 1);
  const closing = server.close();
  assertEquals(await connection.receive(), undefined);
  await connection.close();
  await closing;
  assertEquals(server.connections.size, 0);
});

test("startTls() of a client refuses bytes that came in the clear", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      await connection.receive();
      // Somebody between the two has put a line behind the answer.
      await connection.sendEncoded(utf8("go on\nforged\n"));
      await connection.receive();
    },
  );
  await using connection = await agreed(server);
  const error = await assertRejects(() => secured(connection), NetError);
  assertEquals(error.code, "TLS_PROTOCOL");
  assertEquals((await connection.closed).error, error);
});

test("startTls() of a server refuses bytes that came in the clear", async () => {
  const errors: unknown[] = [];
  await using server = await offering(errors);
  const { address } = server;
  await using connection = await createClient({ address, codec: lines() });
  await connection.sendEncoded(utf8("STARTTLS\nforged\n"));
  // The server ends the connection. On Deno, that looks like an end.
  await connection.receive().catch(() => undefined);
  await connection.receive().catch(() => undefined);
  const [error] = errors;
  assert(error instanceof NetError, String(error));
  assertEquals(error.code, "TLS_PROTOCOL");
});

test("startTls() refuses a server that is not the one that was meant", async () => {
  await using server = await offering();
  await using connection = await agreed(server);
  const error = await assertRejects(
    () => secured(connection, { serverName: "other.test" }),
    NetError,
  );
  assertEquals(error.code, "TLS_NAME");
  assertEquals((await connection.closed).error, error);
});

test("startTls() lets nothing be sent in the clear once it was called", async () => {
  await using server = await offering();
  await using connection = await agreed(server);
  const starting = secured(connection);
  let refusal: unknown;
  try {
    void connection.send("secret");
  } catch (error) {
    refusal = error;
  }
  assert(refusal instanceof NetError, String(refusal));
  await starting;
  assertEquals(await connection.receive(), "TLSv1.3");
  await connection.send("secret");
  assertEquals(await connection.receive(), "SECRET");
});

test("startTls() takes no bytes while what was sent before waits to be written", async () => {
  const network = memoryNetwork();
  const listener = await network.listen({ transport: "memory", name: "x" });
  const accepting = listener[Symbol.asyncIterator]().next();
  const flooding = await network.connect(listener.address);
  const { value } = await accepting;
  const connection = framed(value, lines());
  // The peer reads nothing, so this is not written.
  void connection.send("x".repeat(1_000_000));
  const starting = connection.startTls("server", certificates!.server);
  const writer = flooding.writable.getWriter();
  let taken = 0;
  const flood = (async () => {
    while (true) {
      await writer.write(new Uint8Array(65_536));
      taken += 65_536;
    }
  })();
  for (let i = 0; i < 50; i++) await new Promise((go) => setTimeout(go));
  assert(taken < 1_000_000, `${taken} bytes were taken`);
  connection.abort(new Error("enough"));
  await assertRejects(() => starting);
  await assertRejects(() => flood);
  await listener.close();
});

test("startTls() fails with the connection, also before the handshake", async () => {
  const network = memoryNetwork();
  const listener = await network.listen({ transport: "memory", name: "x" });
  const accepting = listener[Symbol.asyncIterator]().next();
  const leaving = await network.connect(listener.address);
  const { value } = await accepting;
  const connection = framed(value, lines());
  // The peer reads nothing, so this is not written.
  void connection.send("x".repeat(1_000_000));
  const starting = connection.startTls("server", certificates!.server);
  leaving.abort();
  const error = await assertRejects(() => starting, NetError);
  assertEquals(error.code, "CONNECTION_RESET");
  assertEquals((await connection.closed).error, error);
  await listener.close();
});

test("startTls() is refused while a frame is waited for", async () => {
  await using server = await offering();
  await using connection = await agreed(server);
  const waiting = connection.receive();
  await assertRejects(() => secured(connection), TypeError, "waited for");
  connection.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
});

test("startTls() gives up a handshake that takes too long", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      await connection.receive();
      await connection.send("go on");
      // It does not.
      await connection.forEach(() => undefined);
    },
  );
  await using connection = await agreed(server);
  const error = await assertRejects(
    () =>
      connection.startTls("client", { serverName: "localhost" }, {
        handshakeTimeoutMs: 40,
      }),
    NetError,
  );
  assertEquals(error.code, "TIMED_OUT");
});

test("abort() and close() end a handshake that startTls() has begun", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    async (connection) => {
      await connection.receive();
      await connection.send("go on");
      await connection.forEach(() => undefined);
    },
  );
  const connection = await agreed(server);
  const starting = secured(connection);
  const reason = new Error("not now");
  connection.abort(reason);
  await assertRejects(() => starting);
  assertEquals((await connection.closed).error, reason);
});
