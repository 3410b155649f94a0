/** What the servers say of themselves on their way down. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { createClient, lines, serve } from "../../mod.ts";
import { connectCommands, serveCommands } from "../../src/exec/mod.ts";
import { serveMessages } from "../../src/message/mod.ts";
import { deferred } from "../../src/net/deferred.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import type { ServerLifecycle } from "../../src/server/mod.ts";
import { turn } from "../support/scripted_transport.ts";

const address = { port: 0 };
const codec = lines();

type Closing = ServerLifecycle & { close(): Promise<void> };

const servers: Readonly<Record<string, () => Promise<Closing>>> = {
  "serve()": () => serve({ address, codec }, () => undefined),
  "serve(), with events()": () => serve({ address, codec }),
  "serveMessages()": () => serveMessages({ address }),
  "serveRooms()": () => serveRooms({ address }),
  "serveCommands()": () => serveCommands({ address, commands: {} }),
};

for (const [name, open] of Object.entries(servers)) {
  test(`Server.state is open, closing, closed: ${name}`, async () => {
    const server = await open();
    let drained = false;
    void server.drained.then(() => drained = true);
    await turn();
    assertEquals(server.state, "open");
    assert(!drained, "it is not closed, though it has nothing to do");
    const closing = server.close();
    assertEquals(server.state, "closing");
    await closing;
    assertEquals(server.state, "closed");
    await server.drained;
  });
}

test("Server.drained settles after the last handler, and closed at graceMs", async () => {
  const began = deferred<void>();
  const finish = deferred<void>();
  const server = await serve({ address, codec }, async () => {
    began.resolve();
    await finish.promise;
  });
  const client = await createClient({ address: server.address, codec });
  await began.promise;
  let drained = false;
  const draining = server.drained.then(() => drained = true);
  await server.close({ graceMs: 20 });
  assertEquals(server.state, "closed");
  await turn();
  assert(!drained, "the handler is at work");
  finish.resolve();
  await draining;
  client.abort();
});

test("Server.drained does not settle when an open server is left by its clients", async () => {
  const server = await serve({ address, codec }, () => undefined);
  let drained = false;
  const draining = server.drained.then(() => drained = true);
  const client = await createClient({ address: server.address, codec });
  await client.close();
  while (server.connections.size > 0) await turn();
  await turn();
  assert(!drained);
  await server.close();
  await draining;
});

test("Server.drained settles after everything that was sent", async () => {
  const text = "x".repeat(1_000_000);
  const sent = deferred<void>();
  const server = await serve({ address, codec }, (connection) => {
    void connection.send(text);
    sent.resolve();
  });
  const client = await createClient({ address: server.address, codec });
  await sent.promise;
  let drained = false;
  const draining = server.drained.then(() => drained = true);
  const closing = server.close();
  await turn();
  assert(!drained, "it is not written");
  assertEquals(await client.receive(), text);
  await client.close();
  await draining;
  await closing;
});

test("CommandServer.state is closed when the runs have ended", async () => {
  const started = deferred<void>();
  const server = await serveCommands({
    address,
    commands: { wait: { file: "/bin/sleep", args: () => ["60"] } },
    audit: ({ event }) => event === "started" && started.resolve(),
  });
  await using client = await connectCommands({ address: server.address });
  const run = client.run("wait").collect().catch(() => undefined);
  await started.promise;
  const closing = server.close();
  assertEquals(server.state, "closing");
  await closing;
  await server.drained;
  assertEquals(server.state, "closed");
  await run;
});
