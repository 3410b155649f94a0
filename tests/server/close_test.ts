/** Closing a server: from inside of its handlers, and under their work. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  createClient,
  type FramedConnection,
  lines,
  NetError,
  serve,
  type Server,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { turn } from "../support/scripted_transport.ts";

const codec = lines();
const at = { address: { port: 0 }, codec } as const;

type Peer = FramedConnection<string>;

/** How handlers come to call `close`. */
const ways: Readonly<
  Record<string, (peer: Peer, close: () => Promise<void>) => Promise<void>>
> = {
  async "receive()"(peer, close) {
    await peer.receive();
    await close();
    await peer.send("bye");
  },
  async "for await"(peer, close) {
    for await (const _ of peer) {
      await close();
      await peer.send("bye");
    }
  },
  "forEach()": (peer, close) =>
    peer.forEach(async () => {
      await close();
      await peer.send("bye");
    }),
  "forEach(), later": (peer, close) =>
    peer.forEach(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await close();
      await peer.send("bye");
    }),
  async "a handler that does nothing else"(peer, close) {
    await close();
    await peer.send("bye");
  },
  async "await using, and a finally"(peer, close) {
    try {
      await peer.receive();
    } finally {
      await close();
      await peer.send("bye");
    }
  },
};

for (const [name, handle] of Object.entries(ways)) {
  test(`Server.close() can be waited for in a handler: ${name}`, async () => {
    const server: Server<string> = await serve(
      at,
      (peer) => handle(peer, () => server.close({ graceMs: Infinity })),
    );
    const client = await createClient({ ...at, address: server.address });
    await client.send("close");
    assertEquals(await client.receive(), "bye");
    assertEquals(await client.receive(), undefined);
    await client.close();
    await server.closed;
    assertEquals(await client.closed, { by: "remote" });
  });
}

test("Server.close() can be waited for in several handlers at a time", async () => {
  const server: Server<string> = await serve(at, async (peer) => {
    await peer.receive();
    await server.close({ graceMs: Infinity });
    await peer.send("bye");
  });
  const { address } = server;
  const clients = await Promise.all(
    [1, 2, 3].map(() => createClient({ ...at, address })),
  );
  while (server.connections.size < 3) await turn();
  for (const client of clients) void client.send("close");
  for (const client of clients) assertEquals(await client.receive(), "bye");
  await Promise.all(clients.map((client) => client.close()));
  await server.closed;
});

test("Server.close() in a handler waits for all other handlers", async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  let isClosed = false;
  const server: Server<string> = await serve(at, async (peer) => {
    if (await peer.receive() === "close") {
      await server.close({ graceMs: Infinity });
      isClosed = true;
      return;
    }
    await peer.send("working");
    await finished;
    await peer.send("done");
  });
  const { address } = server;
  const works = await createClient({ ...at, address });
  await works.send("work");
  assertEquals(await works.receive(), "working");
  const closes = await createClient({ ...at, address });
  await closes.send("close");
  while (server.connections.size === 2 && !isClosed) {
    await turn();
    if (await isRefused(address)) break;
  }
  await turn();
  assert(!isClosed, "it did not wait for the other handler");
  finish();
  assertEquals(await works.receive(), "done");
  await Promise.all([works.close(), closes.close()]);
  await server.closed;
  assert(isClosed);
});

test("Server.close() by the program waits for a handler that has told it to", async () => {
  // As a server does that a command ends: whoever waits exits the process then.
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => stop = resolve);
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  const server = await serve(at, (peer) =>
    peer.forEach(async () => {
      stop();
      await finished;
      await peer.send("stopped");
    }));
  let isClosed = false;
  const main = stopped.then(() => server.close({ graceMs: Infinity })).then(
    () => isClosed = true,
  );
  const client = await createClient({ ...at, address: server.address });
  await client.send("stop");
  await stopped;
  while (!await isRefused(server.address)) await turn();
  assert(!isClosed, "a reply would have been cut");
  finish();
  assertEquals(await client.receive(), "stopped");
  await client.close();
  await main;
});

test("Server.close() in a handler leaves it the grace time, and no more", async () => {
  const server: Server<string> = await serve(at, async (peer) => {
    await server.close({ graceMs: 30 });
    await peer.send("closed");
    await new Promise(() => {});
  });
  const client = await createClient({ ...at, address: server.address });
  assertEquals(await client.receive(), "closed");
  await server.closed;
  await client.receive().catch(() => undefined);
  assertEquals(server.connections.size, 0);
  client.abort();
});

async function isRefused(address: Server<string>["address"]): Promise<boolean> {
  try {
    (await createClient({ ...at, address })).abort();
    return false;
  } catch (error) {
    assert(error instanceof NetError);
    return true;
  }
}

// What is on its way

for (let attempt = 0; attempt < 5; attempt++) {
  test(`Server.close() answers a frame that lies in the socket, attempt ${attempt}`, async () => {
    const server = await serve(at, async (peer) => {
      for await (const line of peer) await peer.send(`re ${line}`);
    });
    const client = await createClient({ ...at, address: server.address });
    await client.send("one");
    assertEquals(await client.receive(), "re one");
    // It is written in a task of its own; by then, the server is closing.
    void client.send("two");
    const closing = server.close();
    assertEquals(await client.receive(), "re two");
    assertEquals(await client.receive(), undefined);
    await client.close();
    await closing;
    assertEquals(await client.closed, { by: "remote" });
  });
}

test("Server.close() lets a body that is being read come to its end", async () => {
  const body = new Uint8Array(300_000).fill(120);
  let received = 0;
  let begun = () => {};
  const began = new Promise<void>((resolve) => begun = resolve);
  const errors: unknown[] = [];
  const server = await serve({
    ...at,
    onError: (error) => void errors.push(error),
  }, async (peer) => {
    const length = Number(await peer.receive());
    for await (const chunk of peer.receiveBytes(length)) {
      received += chunk.length;
      begun();
    }
    await peer.send("received");
  });
  const client = await createClient({ ...at, address: server.address });
  await client.send(`${body.length}`);
  let closing: Promise<void> | undefined;
  await client.sendBytes(
    (async function* () {
      yield body.subarray(0, 100_000);
      await began;
      closing = server.close();
      while (!await isRefused(server.address)) await turn();
      yield body.subarray(100_000);
    })(),
    body.length,
  );
  assertEquals(await client.receive(), "received");
  await client.close();
  await closing;
  assertEquals(received, body.length);
  assertEquals(errors, []);
});

// What a connection leaves behind

test("serve() watches no connection that has ended", async () => {
  using time = new HandTicker(30_000);
  const network = memoryNetwork();
  const ends: ((client: Peer) => unknown)[] = [
    (client) => client.close(),
    (client) => client.abort(),
    (client) => client.send("throw"),
    (client) => client.send("return"),
    (client) => client.send("x".repeat(2_000_000)),
  ];
  await using server = await serve(
    { address: "memory:watched", codec, network, onError: () => {} },
    async (peer) => {
      for await (const line of peer) {
        if (line === "throw") throw new Error("thrown");
        if (line === "return") return;
      }
    },
  );
  for (const end of ends) {
    const client = await createClient({
      address: server.address,
      codec: lines({ maxFrameLength: 3_000_000 }),
      network,
    });
    while (server.connections.size === 0) await turn();
    assertEquals(time.members.size, 1);
    await end(client);
    client.closeWrite().catch(() => undefined);
    while (server.connections.size > 0) await turn();
    assertEquals(time.members.size, 0);
    client.abort();
  }
});
