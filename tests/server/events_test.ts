import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  connect,
  createClient,
  lengthPrefixed,
  lines,
  NetError,
  serve,
} from "../../mod.ts";

const codec = lines();
const at = { address: { port: 0 }, codec } as const;

test("Server.events() tells of connections, messages and ends in order", async () => {
  await using server = await serve(at);
  const seen: string[] = [];
  const iterating = (async () => {
    for await (const event of server.events()) {
      const what = event.type === "message" ? event.message : event.type;
      seen.push(`${event.id} ${what}`);
      if (event.type === "message") await server.send(event.id, "thanks");
      if (event.type === "close") {
        assertEquals(event.info.error, undefined);
        break;
      }
    }
  })();
  const client = await createClient({ ...at, address: server.address });
  await client.send("one");
  assertEquals(await client.receive(), "thanks");
  await client.send("two");
  assertEquals(await client.receive(), "thanks");
  const [id] = server.connections.keys();
  await client.close();
  await iterating;
  assertEquals(seen, [`${id} open`, `${id} one`, `${id} two`, `${id} close`]);
});

test("Server.events() ends when the server is closed", async () => {
  const server = await serve(at);
  const client = await createClient({ ...at, address: server.address });
  const types: string[] = [];
  const iterating = (async () => {
    for await (const { type } of server.events()) types.push(type);
  })();
  while (server.connections.size === 0) await turn();
  const closing = server.close();
  assertEquals(await client.receive(), undefined);
  await client.close();
  await closing;
  await iterating;
  assertEquals(types, ["open", "close"]);
});

test("Server.events() holds back peers while nobody takes their messages", async () => {
  await using server = await serve(at);
  const client = await createClient({ ...at, address: server.address });
  let sent = 0;
  const sending = (async () => {
    for (; sent < 200_000; sent++) await client.send("x".repeat(100));
    await client.closeWrite();
  })();
  // Until what has been sent does not grow any more.
  for (let last = -1; last !== sent || sent === 0;) {
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(sent < 200_000, "nothing was held back");
  let received = 0;
  for await (const { type } of server.events()) {
    if (type === "message") received++;
    if (type === "close") break;
  }
  await sending;
  assertEquals(received, 200_000);
  await client.close();
});

test("Server.events() throws where there is a handler, or twice", async () => {
  await using handled = await serve(at, () => {});
  assertThrows(() => handled.events(), TypeError);
  await using server = await serve(at);
  server.events();
  assertThrows(() => server.events(), TypeError);
});

test("Server.send() throws where there is no such connection", async () => {
  await using server = await serve(at);
  const error = assertThrows(() => server.send(0, "x"), NetError);
  assertEquals(error.code, "CONNECTION_CLOSED");
});

test("Server.broadcast() sends to all, or to some", async () => {
  await using server = await serve(at);
  const clients = await Promise.all(
    [1, 2, 3].map(() => createClient({ ...at, address: server.address })),
  );
  while (server.connections.size < 3) await turn();
  server.broadcast("to all");
  server.broadcast("to two", [...server.connections.keys()].slice(0, 2));
  server.broadcast("the end");
  const heard = await Promise.all(clients.map(async (client) => {
    const lines: (string | undefined)[] = [];
    do lines.push(await client.receive()); while (lines.at(-1) !== "the end");
    return lines.length;
  }));
  assertEquals(heard.sort(), [2, 3, 3]);
  await Promise.all(clients.map((client) => client.close()));
});

test("Server.broadcast() cuts a peer that does not read, and no other", async () => {
  const bytes = lengthPrefixed();
  await using server = await serve({
    address: { port: 0 },
    codec: bytes,
    maxSendBuffer: 1_000_000,
  });
  const stalled = await connect(server.address);
  const reading = await createClient({
    address: server.address,
    codec: bytes,
  });
  while (server.connections.size < 2) await turn();
  let received = 0;
  const receiving = reading.forEach(() => void received++);
  const message = new Uint8Array(100_000);
  let sent = 0;
  // The system takes some megabytes for the stalled one first.
  for (; server.connections.size === 2 && sent < 2_000; sent++) {
    server.broadcast(message);
    while (received < sent) await turn();
  }
  assertEquals(server.connections.size, 1);
  while (received < sent) await turn();
  await reading.close();
  await receiving;
  stalled.abort();
});

/** Lets everything else that is ready go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

test("Server.events() holds nothing of those that came and went before", async () => {
  await using server = await serve(at);
  const { address } = server;
  for (let i = 0; i < 20; i++) {
    const client = await createClient({ address, codec });
    await client.close();
  }
  await using staying = await createClient({ address, codec });
  await staying.send("here");
  while (server.connections.size !== 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const seen: string[] = [];
  for await (const event of server.events()) {
    seen.push(event.type);
    if (event.type === "message") break;
  }
  assertEquals(seen, ["open", "message"]);
});

test("Server.events() has what was said last answered before it closes", async () => {
  await using server = await serve(at);
  const answering = (async () => {
    for await (const event of server.events()) {
      if (event.type === "close") break;
      if (event.type !== "message") continue;
      await new Promise((resolve) => setTimeout(resolve, 10));
      await server.send(event.id, `re ${event.message}`);
    }
  })();
  await using client = await createClient({ ...at, address: server.address });
  await client.send("one");
  await client.send("two");
  await client.closeWrite();
  assertEquals(await Array.fromAsync(client), ["re one", "re two"]);
  await answering;
});
