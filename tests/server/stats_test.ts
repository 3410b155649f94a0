import { assertEquals, assertGreater, assertInstanceOf } from "@std/assert";
import { test } from "node:test";
import {
  type Codec,
  connect,
  createClient,
  lines,
  NetError,
  serve,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { deferred } from "../../src/net/deferred.ts";
import { quick } from "../support/duplexes.ts";

const codec = lines();
const at = { address: { port: 0 }, codec, ...quick } as const;
const network = memoryNetwork();
const address = "memory:stats";
const silent = { onError: () => undefined };

test("Server.stats() counts what open and closed connections have done", async () => {
  await using server = await serve(
    at,
    (connection) => connection.forEach((line) => connection.send(line)),
  );
  const { address } = server;
  await using first = await createClient({ address, codec });
  const second = await createClient({ address, codec });
  for (const client of [first, second]) {
    await client.send("hello");
    assertEquals(await client.receive(), "hello");
  }
  const ended = [...server.connections.values()][1]!.closed;
  await second.close();
  await ended;

  const { connections, ...rest } = server.stats();
  assertEquals(connections, {
    open: 1,
    accepted: 2,
    refused: {},
    closed: { "peer-done": 1 },
  });
  assertEquals(rest, {
    handlers: 1,
    framesReceived: 2,
    framesSent: 2,
    bytesReceived: 12,
    bytesSent: 12,
    unreadBytes: 0,
    queuedBytes: 0,
  });
});

test("Server.stats() counts what a handler takes after the end", async () => {
  const goOn = deferred<void>();
  const taken = deferred<string | undefined>();
  await using server = await serve({ ...at, ...silent }, async (connection) => {
    await connection.receive();
    await goOn.promise;
    taken.resolve(await connection.receive());
  });
  const client = await createClient({ address: server.address, codec });
  await client.send("one");
  await client.send("two");
  const [connection] = await untilConnected(server.connections);
  await client.closeWrite();
  while (server.stats().bytesReceived + server.stats().unreadBytes < 8) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  connection!.closeWrite();
  await connection!.closed;
  assertEquals(server.stats().connections.open, 0);
  assertEquals(server.stats().handlers, 1);
  assertEquals(server.stats().framesReceived, 1);
  goOn.resolve();
  assertEquals(await taken.promise, "two");
  await server.close();
  assertEquals(server.stats().handlers, 0);
  assertEquals(server.stats().framesReceived, 2);
});

test("Server.stats() counts refused connections by the limit", async () => {
  await using server = await serve(
    { ...at, address, network, maxConnections: 1, ...silent },
    (connection) => connection.forEach(() => undefined),
  );
  await using _ = await createClient({ address, codec, network });
  const second = await createClient({ address, codec, network });
  await second.closed;
  const { open, accepted, refused } = server.stats().connections;
  assertEquals({ open, accepted, refused }, {
    open: 1,
    accepted: 1,
    refused: { maxConnections: 1 },
  });
});

test("serve() counts and reports connections that find 512 others waiting", async () => {
  const told: unknown[] = [];
  const clients = (count: number) =>
    Promise.all(Array.from(
      { length: count },
      () => createClient({ address, codec, network }),
    ));
  await using server = await serve({
    ...at,
    address,
    network,
    onError: (error) => told.push(error instanceof NetError && error.limit),
  }, () => undefined);
  for (const bursts of [1, 2]) {
    const all = await clients(600);
    await Promise.all(all.map((client) => client.close()));
    const { accepted, refused } = server.stats().connections;
    const { maxWaitingConnections = 0, ...others } = refused;
    assertEquals(others, {});
    assertGreater(maxWaitingConnections, 0);
    assertEquals(accepted + maxWaitingConnections, 600 * bursts);
    assertEquals(told, Array(bursts).fill("maxWaitingConnections"));
  }
});

test("serve() tells whose handshake failed, and counts it as refused", async () => {
  const failed = deferred<unknown>();
  const refused = deferred<unknown>();
  await using server = await serve(
    {
      ...at,
      webSocket: {},
      onError: (error, peer) => failed.resolve([error, peer]),
      observe: (event) => refused.resolve(event),
    },
    () => undefined,
  );
  const { address } = server;
  if (address.transport !== "ws") throw new Error(address.transport);
  const { hostname, port } = address;
  const connection = await connect({ transport: "tcp", hostname, port });
  await connection.writable.getWriter().write(
    new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
  );
  const [error, peer] = await failed.promise as unknown[];
  assertInstanceOf(error, NetError);
  assertEquals(peer, connection.localAddress);
  assertEquals(await refused.promise, {
    type: "refused",
    peer,
    reason: "WS_REFUSED",
    error,
  });
  connection.abort();
  assertEquals(server.stats().connections.refused, { WS_REFUSED: 1 });
  assertEquals(server.stats().connections.accepted, 0);
});

test("Server.stats() tells a handler that threw from a peer that left", async () => {
  await using server = await serve(
    { ...at, address, network, ...silent },
    async (connection) => {
      if (await connection.receive() === "crash") throw new Error("crashed");
      await connection.receive();
    },
  );
  const crashing = await createClient({ address, codec, network });
  await crashing.send("crash");
  assertEquals(await crashing.receive(), undefined);
  await crashing.close();
  const leaving = await createClient({ address, codec, network });
  await leaving.send("stay");
  const leaver = [...await untilConnected(server.connections)].at(-1);
  leaving.abort();
  await leaver?.closed;
  await server.close();
  assertEquals(server.stats().connections.closed, { handler: 1, reset: 1 });
});

test("Server.stats() counts a connection whose codec throws as refused", async () => {
  const told = deferred<unknown>();
  const broken: Codec<string> = {
    ...codec,
    decoder() {
      throw new Error("no decoder");
    },
  };
  await using server = await serve(
    { ...at, address, network, codec: broken, onError: told.resolve },
    () => undefined,
  );
  await using _ = await network.connect(address);
  await told.promise;
  assertEquals(server.stats().connections, {
    open: 0,
    accepted: 0,
    refused: { aborted: 1 },
    closed: {},
  });
});

/** The connections of a server, once there are some. */
async function untilConnected<T>(
  connections: ReadonlyMap<number, T>,
): Promise<T[]> {
  while (connections.size === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return [...connections.values()];
}
